import type { AdoptReport, ApiError, FeedId, Host, RemoteItem } from '../../host/host';
import { factsOf } from '../../host/host';

type Door = Pick<Host, 'call'>;

const NOTHING: AdoptReport = { posts: [], known: 0, files_missing: 0, failed: [] };

/** By feed: what is being brought in goes on when its screen is left, and what came of it waits until that was seen. */
const kept = new Map<FeedId, RemotePosts>();

/** What lies at a feed, as it was left where something is still being brought in. */
export function remotePosts(host: Door, feed: FeedId): RemotePosts {
  const there = kept.get(feed) ?? new RemotePosts(host, feed);
  kept.set(feed, there);
  return there;
}

/** Its screen is left. */
export function leave(feed: FeedId): void {
  if (!kept.get(feed)?.progress) kept.delete(feed);
}

/** What lies at a feed, and what of it is brought into the journal. */
export class RemotePosts {
  items = $state.raw<RemoteItem[]>([]);
  /** The page after those that are listed; null when there is none. */
  next: string | null = $state(null);
  isLoading = $state(false);
  /** Whether the first page was read. */
  known = $state(false);
  error = $state.raw<ApiError | null>(null);
  chosen = $state.raw<ReadonlySet<string>>(new Set());
  /** How far bringing is; null when nothing is being brought. */
  progress = $state.raw<{ done: number; total: number } | null>(null);
  report = $state.raw<AdoptReport | null>(null);
  wasStopped = $state(false);
  readonly #host: Door;
  readonly #feed: FeedId;

  constructor(host: Door, feed: FeedId) {
    this.#host = host;
    this.#feed = feed;
  }

  /** Those that are not in the journal yet. */
  readonly choosable: RemoteItem[] = $derived.by(() => this.items.filter(({ post }) => post === null));
  readonly isAllChosen: boolean = $derived.by(
    () => this.choosable.length > 0 && this.choosable.every(({ remote_id }) => this.chosen.has(remote_id)),
  );

  /** Reads the first page, or the one after those that are listed. */
  async load(): Promise<void> {
    if (this.isLoading) return;
    Object.assign(this, { isLoading: true, error: null });
    try {
      const page = await this.#host.call('remote_list', { feed: this.#feed, page: this.next });
      const listed = new Set(this.items.map(({ remote_id }) => remote_id));
      // A post that was written there meanwhile moves the others to the next page.
      this.items = [...this.items, ...page.items.filter(({ remote_id }) => !listed.has(remote_id))];
      this.next = page.next;
      this.known = true;
    } catch (thrown) {
      this.error = factsOf(thrown);
    } finally {
      this.isLoading = false;
    }
  }

  toggle(id: string): void {
    const chosen = new Set(this.chosen);
    if (!chosen.delete(id)) chosen.add(id);
    this.chosen = chosen;
  }

  toggleAll(): void {
    this.chosen = this.isAllChosen ? new Set() : new Set(this.choosable.map(({ remote_id }) => remote_id));
  }

  /**
   * Brings what is chosen, one post after the other, so that it can be followed and stopped. What is done stays. It ends where
   * the feed lets nothing more be fetched, and what is left stays chosen.
   */
  async bring(): Promise<void> {
    const ids = this.choosable.map(({ remote_id }) => remote_id).filter((id) => this.chosen.has(id));
    Object.assign(this, { error: null, report: null, wasStopped: false, progress: { done: 0, total: ids.length } });
    let report = NOTHING;
    try {
      for (const [done, id] of ids.entries()) {
        this.progress = { done, total: ids.length };
        const one = await this.#host.call('remote_adopt', { feed: this.#feed, items: [id] });
        this.#learn(id, one);
        report = added(report, one);
        if (this.wasStopped || one.error) break;
      }
    } catch (thrown) {
      report = { ...report, error: factsOf(thrown) };
    } finally {
      this.progress = null;
      this.report = report.error ? { ...report, failed: ids.filter((id) => this.chosen.has(id)) } : report;
    }
  }

  stop(): void {
    this.wasStopped = true;
  }

  #learn(id: string, { posts, failed }: AdoptReport): void {
    if (failed.includes(id)) return;
    const post = posts[0];
    if (post) this.items = this.items.map((item) => (item.remote_id === id ? { ...item, post } : item));
    if (this.chosen.has(id)) this.toggle(id);
  }
}

function added(a: AdoptReport, b: AdoptReport): AdoptReport {
  return {
    posts: [...a.posts, ...b.posts],
    known: a.known + b.known,
    files_missing: a.files_missing + b.files_missing,
    failed: [...a.failed, ...b.failed],
    ...(b.error ? { error: b.error } : {}),
  };
}
