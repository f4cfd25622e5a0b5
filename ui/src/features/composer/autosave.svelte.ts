import type { ApiError, Commands, Content, DraftSaved, PostId, RevisionId } from '../../host/bindings.gen';

/** Saves are asked for this long after the last change, in milliseconds. */
export const QUIET_MS = 300;
/** While somebody types without a pause, a save begins at least this often. */
export const CEILING_MS = 1500;
/** A failed save is tried again after this long, doubling up to the last value. */
const RETRY_MS = [1_000, 2_000, 4_000, 8_000, 15_000] as const;

export type SaveStatus =
  | { kind: 'untouched' }
  | { kind: 'pending' }
  | { kind: 'saving' }
  | { kind: 'saved'; at: number }
  | { kind: 'failed'; error: ApiError };

/** The revision that the next save continues. */
export interface Base {
  post: PostId;
  revision: RevisionId;
  version: number;
}

type Save = (input: Commands['draft_save']['input']) => Promise<DraftSaved>;

interface Source {
  /** What the editor holds now; called right before a save leaves, at any time. */
  read(): Content;
  /** A new post in which nothing was written yet is not worth a row. */
  isBlank(): boolean;
}

/**
 * Makes every change durable soon after it was typed. One save is under way at a time and the newest text wins; "saved" is
 * said only for a text that the journal has committed. Never writes into the editor, so composition and undo stay native.
 */
export class Autosave {
  status = $state.raw<SaveStatus>({ kind: 'untouched' });
  /** How many versions the journal keeps of this post. */
  versions = $state(0);
  /** The post was changed elsewhere while it was edited here; that text lies in its history. */
  superseded = $state(false);
  base: Base | null = $state.raw(null);

  readonly #save: Save;
  readonly #source: Source;
  #changes = 0;
  #savedChanges = 0;
  #firstUnsavedAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | null = null;
  #failures = 0;
  #closed = false;
  #onSaved: (saved: DraftSaved) => void;

  constructor(save: Save, source: Source, onSaved: (saved: DraftSaved) => void = () => {}) {
    this.#save = save;
    this.#source = source;
    this.#onSaved = onSaved;
  }

  /** Continues an existing post. */
  begin(base: Base, versions: number, savedAt: number): void {
    this.base = base;
    this.versions = versions;
    this.status = { kind: 'saved', at: savedAt };
  }

  /** Whether something here is not in the journal yet. */
  get isDirty(): boolean {
    return this.#changes !== this.#savedChanges;
  }

  /** Whether a save is on its way. */
  get isSaving(): boolean {
    return this.#running !== null;
  }

  /** The text, the media or anything else of the post was changed. */
  touch(): void {
    if (this.#closed) return;
    if (!this.isDirty) this.#firstUnsavedAt = Date.now();
    this.#changes += 1;
    if (this.status.kind !== 'failed') this.status = { kind: 'pending' };
    if (!this.#running) this.#plan();
  }

  /**
   * Saves now what is not saved yet and answers whether everything is durable: before sending, on blur, on leaving and on closing.
   */
  async flush(): Promise<boolean> {
    while (this.isDirty && !this.#closed) {
      clearTimeout(this.#timer);
      const before = this.#savedChanges;
      await (this.#running ?? this.#run());
      if (this.#savedChanges === before && this.status.kind === 'failed') return false;
    }
    return true;
  }

  /** No change counts and no save begins any more: the post was deleted or the editor is gone. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #plan(): void {
    clearTimeout(this.#timer);
    const untilCeiling = Math.max(0, this.#firstUnsavedAt + CEILING_MS - Date.now());
    this.#timer = setTimeout(() => void this.#run(), Math.min(QUIET_MS, untilCeiling));
  }

  #run(): Promise<void> {
    this.#running ??= this.#attempt().finally(() => {
      this.#running = null;
      if (this.isDirty && !this.#closed) this.#planNext();
    });
    return this.#running;
  }

  #planNext(): void {
    if (this.#failures === 0) return this.#plan();
    const wait = RETRY_MS[Math.min(this.#failures, RETRY_MS.length) - 1];
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#run(), wait);
  }

  async #attempt(): Promise<void> {
    const changes = this.#changes;
    if (!this.base && this.#source.isBlank()) {
      this.#savedChanges = changes;
      this.status = { kind: 'untouched' };
      return;
    }
    this.status = { kind: 'saving' };
    this.#firstUnsavedAt = Date.now();
    try {
      const saved = await this.#save({
        post: this.base?.post ?? null,
        base: this.base?.revision ?? null,
        version: this.base?.version ?? null,
        content: this.#source.read(),
      });
      this.#confirm(changes, saved);
    } catch (error) {
      this.#failures += 1;
      this.status = { kind: 'failed', error: asApiError(error) };
    }
  }

  #confirm(changes: number, saved: DraftSaved): void {
    this.#failures = 0;
    this.#savedChanges = changes;
    this.base = { post: saved.post, revision: saved.revision, version: saved.version };
    this.versions = saved.versions;
    this.superseded ||= saved.superseded;
    this.status = this.isDirty ? { kind: 'pending' } : { kind: 'saved', at: saved.saved_at };
    this.#onSaved(saved);
  }
}

function asApiError(error: unknown): ApiError {
  const isCoded = typeof error === 'object' && error !== null && 'code' in error;
  return isCoded ? (error as ApiError) : { code: 'internal' };
}
