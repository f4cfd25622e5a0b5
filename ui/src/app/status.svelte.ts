// The numbers beside the sections, the feeds and the connection: asked for once, then kept true by what the journal tells.
import { type Connection, type Counts, type Event, type FeedView, host } from '../host/host';

const NOTHING: Counts = { posts: 0, drafts: 0, bin: 0, waiting: 0, needs_you: 0, topics: [] };

/** Many changes in a row (an import, a sync) are one question. */
const QUIET_MS = 120;

class Status {
  counts = $state.raw<Counts>(NOTHING);
  feeds = $state.raw<FeedView[]>([]);
  connection = $state.raw<Connection | null>(null);
  /** Whether the journal has answered at all. */
  known = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;

  async load(): Promise<void> {
    const [counts, feeds, connection] = await Promise.all([
      host.call('counts'),
      host.call('feed_list'),
      host.call('connection'),
    ]);
    Object.assign(this, { counts, feeds, connection, known: true });
  }

  hear(event: Event): void {
    if (event.event === 'outbox_changed') this.connection = event.connection;
    if (event.event === 'import' || event.event === 'asset_ready') return;
    clearTimeout(this.#timer);
    // An error here is shown where the person works; these numbers just stay as they were.
    this.#timer = setTimeout(() => void this.load().catch(() => undefined), QUIET_MS);
  }
}

export const status = new Status();
