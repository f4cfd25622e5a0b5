// The journal on the screen: which posts fit the filter, their cards, and where the reader was. Draws nothing.
import {
  factsOf,
  type ApiError,
  type Card,
  type Event,
  type Host,
  type IndexEntry,
  type PostFilter,
} from '../../host/host';
import { Cards } from './cards.svelte';
import { anniversaries, sameDay } from './onthisday';

export type Phase = 'loading' | 'ready' | 'failed';

export const EVERYTHING: PostFilter = {
  text: '',
  drafts: false,
  photos: false,
  clips: false,
  needs: null,
  topic: null,
  feed: null,
  deleted: false,
};

/** Many changes in a row are one question. */
const QUIET_MS = 120;

export class Journal {
  phase = $state<Phase>('loading');
  error = $state.raw<ApiError | null>(null);
  filter = $state.raw<PostFilter>(EVERYTHING);
  index = $state.raw<IndexEntry[]>([]);
  /** The newest post of this day in an earlier year, and how many there are. */
  onThisDay = $state.raw<{ card: Card; count: number } | null>(null);
  readonly cards: Cards;
  /** Where the reader was under this filter, and the card with the keyboard, for coming back. */
  scrollTop = 0;
  active = 0;
  readonly #host: Host;
  readonly #now: () => number;
  #question = 0;
  /** Whether somebody looks, and whether something changed while nobody did. */
  #watched = false;
  #stale = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: Host, now: () => number) {
    this.#host = host;
    this.#now = now;
    this.cards = new Cards(host);
  }

  get filtered(): boolean {
    return JSON.stringify(this.filter) !== JSON.stringify(EVERYTHING);
  }

  /** Shows what fits a changed filter, from the top. */
  async show(part: Partial<PostFilter>): Promise<void> {
    const next = { ...this.filter, ...part };
    if (this.phase === 'ready' && JSON.stringify(next) === JSON.stringify(this.filter)) return;
    this.filter = next;
    this.scrollTop = 0;
    this.active = 0;
    await this.load();
  }

  /** Asks again. Of two questions only the younger one's answer counts. */
  async load(): Promise<void> {
    this.#question += 1;
    const question = this.#question;
    this.#stale = false;
    if (this.phase === 'failed') this.phase = 'loading';
    try {
      const index = await this.#host.call('post_index', this.filter);
      const memory = this.filtered ? this.onThisDay : await this.#thisDay(index);
      if (question !== this.#question) return;
      // Together, so that the cards do not move down a moment later.
      this.index = index;
      this.onThisDay = memory;
      this.error = null;
      this.phase = 'ready';
    } catch (thrown) {
      if (question !== this.#question) return;
      this.error = factsOf(thrown);
      this.phase = 'failed';
    }
  }

  hear(event: Event): void {
    if (event.event === 'asset_ready') this.cards.picture(event.facts);
    if (event.event === 'posts_changed') this.cards.refresh(event.posts);
    if (event.event === 'outbox_changed') this.cards.refresh([]);
    if (event.event === 'posts_changed') this.#later();
  }

  /** Somebody looks at the journal, until the answer is called. While nobody does, changes are only remembered. */
  watch(): () => void {
    this.#watched = true;
    if (this.#stale) this.#later();
    return () => (this.#watched = false);
  }

  #later(): void {
    this.#stale = true;
    if (!this.#watched) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.load(), QUIET_MS);
  }

  /** Another journal was opened. */
  async restart(): Promise<void> {
    this.cards.clear();
    this.index = [];
    this.onThisDay = null;
    this.filter = EVERYTHING;
    this.scrollTop = 0;
    this.active = 0;
    this.phase = 'loading';
    await this.load();
  }

  async #thisDay(index: IndexEntry[]): Promise<{ card: Card; count: number } | null> {
    const candidates = anniversaries(index, this.#now());
    try {
      const cards = candidates.length === 0 ? [] : await this.#host.call('post_cards', candidates);
      const same = cards.filter(({ moment }) => sameDay(moment, this.#now()));
      const [card] = same;
      return card ? { card, count: same.length } : null;
    } catch {
      // A strip that only delights stays away when the journal does not answer.
      return null;
    }
  }
}
