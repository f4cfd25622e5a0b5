import type { AssetId, AssetView, Attachment, Event, Host, ImportedFile, Lang } from '../../host/host';
import { factsOf } from '../../host/host';
import { moved } from './order';

/** The most files a post may have (`domain/limits.rs`). */
export const MOST_ATTACHMENTS = 200;

/** A file that was chosen and is not in the post. */
export interface Refusal {
  name: string;
  error: NonNullable<ImportedFile['error']>;
}

interface Removed {
  attachment: Attachment;
  at: number;
  wasCover: boolean;
}

type Door = Pick<Host, 'call'>;

/** The photos, clips and files of the post: their order, cover and alt texts, and what is just coming in. */
export class Media {
  items = $state<Attachment[]>([]);
  facts = $state.raw<Record<AssetId, AssetView>>({});
  selected: AssetId | null = $state(null);
  /** Pictures from the clipboard that are being kept. */
  pasting = $state(0);
  refusals = $state.raw<Refusal[]>([]);
  /** The last file that was taken out, until another one arrives. */
  removed: Removed | null = $state.raw(null);
  #cover: AssetId | null = $state(null);

  readonly #host: Door;
  readonly #changed: () => void;

  constructor(host: Door, changed: () => void) {
    this.#host = host;
    this.#changed = changed;
  }

  begin(items: readonly Attachment[], cover: AssetId | null, facts: Record<AssetId, AssetView>): void {
    this.items = items.map((item) => ({ ...item, alt: { ...item.alt } }));
    this.facts = facts;
    this.#cover = cover;
    if (!this.items.some((item) => item.asset === this.selected)) this.selected = this.items[0]?.asset ?? null;
  }

  /** The chosen cover; null means the first file. */
  get chosenCover(): AssetId | null {
    return this.#cover;
  }

  /** The file that stands for the post. */
  get cover(): AssetId | null {
    return this.#cover ?? this.items[0]?.asset ?? null;
  }

  get current(): Attachment | null {
    return this.items.find((item) => item.asset === this.selected) ?? null;
  }

  /** The attachments as the journal keeps them, free of any proxy. */
  snapshot(): Attachment[] {
    return $state.snapshot(this.items);
  }

  chooseCover(asset: AssetId): void {
    this.#cover = asset === this.items[0]?.asset ? null : asset;
    this.#changed();
  }

  moveTo(asset: AssetId, to: number): void {
    const from = this.items.findIndex((item) => item.asset === asset);
    const target = Math.max(0, Math.min(to, this.items.length - 1));
    if (from < 0 || from === target) return;
    // The cover that nobody chose would silently become another picture.
    this.#cover ??= from === 0 || target === 0 ? this.cover : null;
    this.items = moved(this.items, from, target);
    if (this.#cover === this.items[0]?.asset) this.#cover = null;
    this.#changed();
  }

  moveBy(asset: AssetId, steps: number): void {
    const from = this.items.findIndex((item) => item.asset === asset);
    if (from >= 0) this.moveTo(asset, from + steps);
  }

  setAlt(asset: AssetId, lang: Lang, text: string): void {
    const item = this.items.find((each) => each.asset === asset);
    if (!item) return;
    if (text.trim() === '') delete item.alt[lang];
    else item.alt[lang] = text;
    this.#changed();
  }

  /** A side got another language: its alt texts go with it. */
  renameLang(from: Lang, to: Lang): void {
    for (const { alt } of this.items) {
      const text = alt[from];
      if (text === undefined) continue;
      alt[to] ??= text;
      delete alt[from];
    }
  }

  remove(asset: AssetId): void {
    const at = this.items.findIndex((item) => item.asset === asset);
    const attachment = this.items[at];
    if (!attachment) return;
    this.removed = { attachment: $state.snapshot(attachment), at, wasCover: this.#cover === asset };
    this.items.splice(at, 1);
    if (this.#cover === asset) this.#cover = null;
    if (this.selected === asset) this.selected = (this.items[at] ?? this.items[at - 1])?.asset ?? null;
    this.#changed();
  }

  undoRemove(): void {
    if (!this.removed) return;
    const { attachment, at, wasCover } = this.removed;
    this.removed = null;
    if (this.items.some((item) => item.asset === attachment.asset)) return;
    this.items.splice(at, 0, attachment);
    if (wasCover) this.#cover = attachment.asset;
    this.selected = attachment.asset;
    this.#changed();
  }

  /** A picture from the clipboard. */
  async paste(name: string, base64: string): Promise<void> {
    this.pasting += 1;
    try {
      this.take([await this.#host.call('import_paste', { name, base64 })]);
    } catch (thrown) {
      this.refusals = [{ name, error: factsOf(thrown) }];
    } finally {
      this.pasting -= 1;
    }
  }

  /** Attaches what arrived in the journal; an original stands in a post once. */
  take(files: readonly ImportedFile[]): void {
    const refusals: Refusal[] = [];
    const before = this.items.length;
    for (const { name, asset, error } of files) {
      if (error) refusals.push({ name, error });
      if (!asset) continue;
      this.facts = { ...this.facts, [asset.id]: asset };
      if (this.items.some((item) => item.asset === asset.id)) continue;
      if (this.items.length < MOST_ATTACHMENTS) this.items.push({ asset: asset.id, name, alt: {} });
      else refusals.push({ name, error: { code: 'too_long', subject: 'attachments', limit: MOST_ATTACHMENTS } });
    }
    this.refusals = refusals;
    if (this.items.length === before) return;
    this.selected ??= this.items[before]?.asset ?? null;
    this.removed = null;
    this.#changed();
  }

  onEvent(event: Event): void {
    if (event.event === 'asset_ready' && event.asset in this.facts) {
      this.facts = { ...this.facts, [event.asset]: event.facts };
    }
  }
}
