// Cards that were read, so that scrolling back costs nothing: read in batches by id, the oldest forgotten first.
import { SvelteMap } from 'svelte/reactivity';
import type { AssetView, Card, Host, PostId } from '../../host/host';

/** One question to the journal asks for at most this many. */
const BATCH = 48;
/** About ten windows full; a card is under 2 kB. */
const KEPT = 1500;
/** Changes that follow each other this closely are read together. */
const QUIET_MS = 120;

export class Cards {
  readonly #cards = new SvelteMap<PostId, Card>();
  readonly #asked = new Set<PostId>();
  #wanted: PostId[] = [];
  /** What the screen asked for last: near the window. */
  #near: PostId[] = [];
  #scheduled = false;
  #stale = new Set<PostId>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #host: Pick<Host, 'call'>;

  constructor(host: Pick<Host, 'call'>) {
    this.#host = host;
  }

  get(id: PostId): Card | undefined {
    return this.#cards.get(id);
  }

  /** These are on the screen or will be soon, the most urgent first. Replaces what was wanted before and not asked yet. */
  want(ids: PostId[]): void {
    this.#near = ids;
    this.#wanted = ids.filter((id) => !this.#cards.has(id) && !this.#asked.has(id));
    if (this.#wanted.length === 0 || this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => void this.#ask());
  }

  /**
   * Posts changed: what is near the window is read again, and shown as it was until then; what is far is forgotten and
   * read when it comes near. None named means any.
   */
  refresh(changed: PostId[]): void {
    const near = new Set(this.#near);
    const known = changed.length === 0 ? [...this.#cards.keys()] : changed.filter((id) => this.#cards.has(id));
    for (const id of known) {
      if (near.has(id)) this.#stale.add(id);
      else this.#cards.delete(id);
    }
    if (this.#stale.size === 0) return;
    this.#timer ??= setTimeout(() => void this.#readAgain(), QUIET_MS);
  }

  /** A picture is there now, or is known to be impossible. */
  picture(asset: AssetView): void {
    for (const [id, card] of this.#cards) {
      if (card.cover?.id === asset.id) this.#cards.set(id, { ...card, cover: asset });
    }
  }

  clear(): void {
    this.#cards.clear();
    this.#asked.clear();
    this.#stale.clear();
    this.#wanted = [];
    this.#near = [];
  }

  async #readAgain(): Promise<void> {
    this.#timer = undefined;
    const stale = [...this.#stale];
    this.#stale.clear();
    try {
      for (let at = 0; at < stale.length; at += BATCH) {
        const batch = stale.slice(at, at + BATCH);
        const read = await this.#host.call('post_cards', batch);
        const found = new Set(read.map(({ id }) => id));
        for (const id of batch) if (!found.has(id)) this.#cards.delete(id);
        this.#keep(read);
      }
    } catch {
      // Shown as they were; the next change or scroll asks again.
    }
  }

  async #ask(): Promise<void> {
    try {
      while (this.#wanted.length > 0) {
        const batch = this.#wanted.splice(0, BATCH);
        for (const id of batch) this.#asked.add(id);
        try {
          this.#keep(await this.#host.call('post_cards', batch));
        } finally {
          for (const id of batch) this.#asked.delete(id);
        }
      }
    } catch {
      // The places stay grey and are asked for again at the next scroll; the index' own error is what is shown.
      this.#wanted = [];
    } finally {
      this.#scheduled = false;
    }
  }

  #keep(cards: Card[]): void {
    for (const card of cards) this.#cards.set(card.id, card);
    const spare = this.#cards.size - KEPT;
    if (spare <= 0) return;
    const fresh = new Set(cards.map(({ id }) => id));
    const oldest = [...this.#cards.keys()].filter((id) => !fresh.has(id)).slice(0, spare);
    for (const id of oldest) this.#cards.delete(id);
  }
}
