import { Resource } from '../../app/resource.svelte';
import type { ApiError, Arrived, Event, FeedId, Host, Outbox, OutboxEntry, Wanted } from '../../host/host';
import { factsOf } from '../../host/host';
import { isPaused } from '../../text/standing';

type Door = Pick<Host, 'call'>;

/** The deliveries that still have something to do, in the order in which a person cares, and what was confirmed today. */
export class OutboxScreen {
  readonly outbox: Resource<Outbox>;
  isSending = $state(false);
  /** Why the last thing that was asked here did not work. */
  error = $state.raw<ApiError | null>(null);
  readonly #host: Door;

  constructor(host: Door) {
    this.#host = host;
    this.outbox = new Resource(() => host.call('outbox'));
  }

  readonly needsYou: OutboxEntry[] = $derived.by(() => this.#pending((entry) => entry.state === 'needs_you'));
  readonly checking: OutboxEntry[] = $derived.by(() =>
    this.#pending((entry) => entry.state === 'unknown' && !entry.paused),
  );
  readonly waiting: OutboxEntry[] = $derived.by(() =>
    this.#pending((entry) => entry.state !== 'needs_you' && entry.state !== 'unknown' && !entry.paused),
  );
  /** What would go on by itself if its feed were not switched off. */
  readonly paused: OutboxEntry[] = $derived.by(() => this.#pending(isPaused));
  readonly sent: OutboxEntry[] = $derived.by(() => this.outbox.value?.sent ?? []);
  readonly isEmpty: boolean = $derived.by(
    () => this.outbox.value !== null && this.outbox.value.pending.length === 0 && this.sent.length === 0,
  );

  onEvent(event: Event): void {
    if (event.event === 'outbox_changed' || event.event === 'posts_changed' || event.event === 'feeds_changed') {
      void this.outbox.load();
    }
  }

  /** Tries everything that waits, now. */
  async sendNow(): Promise<void> {
    this.isSending = true;
    await this.#try(() => this.#host.call('sync_now'));
    this.isSending = false;
  }

  /** Sends a post again after the user did something about it, or with what they now want. */
  async want(entry: OutboxEntry, wanted: Wanted = entry.wanted): Promise<void> {
    const { post, feed, manner } = entry;
    await this.#try(() => this.#host.call('post_send', { post, feed, wanted, manner }));
  }

  /** Stops sending to a feed until it is gone on with; what waits for it stays. */
  async pause(feed: FeedId, enabled = false): Promise<void> {
    const change = { id: feed, name: null, enabled, place: null, options: null };
    await this.#try(() => this.#host.call('feed_change', change));
  }

  /** Says what the user saw at a feed that could not tell whether a post arrived. */
  async arrived({ post, feed }: OutboxEntry, arrived: Arrived): Promise<void> {
    await this.#try(() => this.#host.call('delivery_arrived', { post, feed, arrived }));
  }

  #pending(which: (entry: OutboxEntry) => boolean): OutboxEntry[] {
    return this.outbox.value?.pending.filter(which) ?? [];
  }

  async #try(act: () => Promise<unknown>): Promise<void> {
    this.error = null;
    try {
      await act();
    } catch (thrown) {
      this.error = factsOf(thrown);
    }
    await this.outbox.load();
  }
}
