import { Resource } from '../../app/resource.svelte';
import type { ApiError, Event, Host, PostId, RevisionDiff, RevisionEntry, RevisionId } from '../../host/host';
import { factsOf } from '../../host/host';

type Door = Pick<Host, 'call'>;
/** What a version is laid beside: the one it was made from, or the newest. */
export type Against = 'previous' | 'newest';

/** The versions of a post, what changed in one of them, and the way back to it. */
export class HistoryScreen {
  readonly versions: Resource<RevisionEntry[]>;
  diff = $state.raw<RevisionDiff | null>(null);
  error = $state.raw<ApiError | null>(null);
  isRestoring = $state(false);
  #selected: RevisionId | null = $state(null);
  #against: Against = $state('previous');
  #asked = 0;
  readonly #host: Door;
  readonly #post: PostId;

  constructor(host: Door, post: PostId) {
    this.#host = host;
    this.#post = post;
    this.versions = new Resource(() => host.call('history', post));
  }

  get selected(): RevisionId | null {
    return this.#selected;
  }

  get against(): Against {
    return this.#against;
  }

  readonly newest: RevisionId | null = $derived.by(() => this.versions.value?.[0]?.id ?? null);
  readonly entry: RevisionEntry | null = $derived.by(
    () => this.versions.value?.find((version) => version.id === this.#selected) ?? null,
  );

  async load(): Promise<void> {
    await this.versions.load();
    if (this.entry === null) this.#selected = this.newest;
    await this.#compare();
  }

  select(revision: RevisionId): Promise<void> {
    this.#selected = revision;
    return this.#compare();
  }

  lay(against: Against): Promise<void> {
    this.#against = against;
    return this.#compare();
  }

  /** The version above or below in the list; the ends stay. */
  step(by: number): Promise<void> {
    const versions = this.versions.value ?? [];
    const at = versions.findIndex((version) => version.id === this.#selected);
    const next = versions[Math.max(0, Math.min(versions.length - 1, at + by))];
    return next ? this.select(next.id) : Promise.resolve();
  }

  /** Makes a new version with the content of the selected one. Nothing before it is lost. */
  async restore(): Promise<boolean> {
    const revision = this.#selected;
    if (revision === null || revision === this.newest) return false;
    this.isRestoring = true;
    try {
      const saved = await this.#host.call('revision_restore', { post: this.#post, revision });
      this.#selected = saved.revision;
      await this.load();
      return true;
    } catch (thrown) {
      this.error = factsOf(thrown);
      return false;
    } finally {
      this.isRestoring = false;
    }
  }

  onEvent(event: Event): void {
    const concernsUs =
      event.event === 'posts_changed' && (event.posts.length === 0 || event.posts.includes(this.#post));
    if (concernsUs) void this.load();
  }

  async #compare(): Promise<void> {
    const [selected, newest] = [this.#selected, this.newest];
    if (selected === null || newest === null) return;
    this.#asked += 1;
    const asked = this.#asked;
    const isAgainstNewest = this.#against === 'newest' && selected !== newest;
    const input = isAgainstNewest ? { from: selected, to: newest } : { from: null, to: selected };
    try {
      const diff = await this.#host.call('revision_diff', input);
      // Somebody who walks through the list quickly sees the version they stopped at, not the one that took longest.
      if (asked !== this.#asked) return;
      this.diff = diff;
      this.error = null;
    } catch (thrown) {
      if (asked === this.#asked) this.error = factsOf(thrown);
    }
  }
}
