import type { ApiError, DeliveryView, FeedId, FeedView, Host, Manner, PostId, SendInput } from '../../host/host';
import { factsOf } from '../../host/host';
import { isGone, isInConflict } from '../../text/standing';

/** What somebody can want of a post at a feed when sending it. */
export type Form = 'draft' | 'published';

/** At once, without a warning, for whom the feed is set up. */
export const PLAIN: Manner = { publish_at: null, warning: '', visibility: null };

interface Choice {
  on: boolean;
  form: Form;
  manner: Manner;
}

/** One feed as the editor shows it. */
export interface Destination extends Choice {
  feed: FeedView;
  delivery: DeliveryView | null;
  error: ApiError | null;
  /** Something would leave when the writer sends. */
  isDue: boolean;
}

/** What the send button says. */
export type SendLabel =
  | { kind: 'nowhere' }
  | { kind: 'send'; feed: string }
  | { kind: 'update'; feed: string }
  | { kind: 'send_many'; feeds: number }
  | { kind: 'needs_you' }
  | { kind: 'waiting' }
  | { kind: 'sent' };

type Door = Pick<Host, 'call'>;

/** Where the post goes: the feeds, what is wanted of the post there, and what is known there. */
export class Destinations {
  feeds = $state.raw<FeedView[]>([]);
  deliveries = $state.raw<DeliveryView[]>([]);
  isSending = $state(false);
  /** What the writer chose in this editor; a feed without a choice is as its delivery says. */
  #choices = $state.raw<Record<FeedId, Choice>>({});
  #errors = $state.raw<Record<FeedId, ApiError>>({});
  readonly #host: Door;
  readonly #isChanging: () => boolean;

  /** `isChanging`: something was written that the journal does not have yet, so that no feed can have it either. */
  constructor(host: Door, isChanging: () => boolean = () => false) {
    this.#host = host;
    this.#isChanging = isChanging;
  }

  readonly list: Destination[] = $derived.by(() =>
    this.feeds.map((feed) => {
      const delivery = this.deliveries.find((each) => each.feed === feed.id) ?? null;
      const choice = this.#choices[feed.id] ?? choiceOf(delivery);
      const { form, manner } = choice;
      const isOn = feed.enabled && choice.on;
      return {
        feed,
        delivery,
        on: isOn,
        form,
        manner,
        error: this.#errors[feed.id] ?? null,
        isDue: isOn && isDue(delivery, choice, this.#isChanging()),
      };
    }),
  );

  readonly due: Destination[] = $derived(this.list.filter((each) => each.isDue));

  readonly label: SendLabel = $derived.by(() => {
    const [first, ...more] = this.due;
    if (first && more.length > 0) return { kind: 'send_many', feeds: this.due.length };
    if (first) return { kind: isThere(first.delivery) ? 'update' : 'send', feed: first.feed.name };
    const on = this.list.filter((each) => each.on);
    if (on.length === 0) return { kind: 'nowhere' };
    if (on.some((each) => each.delivery?.state === 'needs_you')) return { kind: 'needs_you' };
    return on.every((each) => each.delivery?.state === 'synced') ? { kind: 'sent' } : { kind: 'waiting' };
  });

  /** Whether a feed holds the post. */
  get isAnywhere(): boolean {
    return this.deliveries.some(isThere);
  }

  async load(): Promise<void> {
    this.feeds = await this.#host.call('feed_list');
  }

  choose(feed: FeedId, change: Partial<Choice>): void {
    const now = this.list.find((each) => each.feed.id === feed);
    if (!now) return;
    this.#choices = { ...this.#choices, [feed]: { on: now.on, form: now.form, manner: now.manner, ...change } };
  }

  /** The switch of a feed. Switching the ready-made feed on sets it up; switching off calls back what still waits. */
  async toggle(feed: FeedId, on: boolean, post: PostId | null): Promise<void> {
    const now = this.list.find((each) => each.feed.id === feed);
    if (!now) return;
    this.choose(feed, { on });
    await this.#at(feed, async () => {
      if (on && !now.feed.enabled) await this.#enable(feed);
      // What a feed already holds stays there: taking it back is a wish of its own.
      if (!on && post && now.delivery && now.delivery.wanted !== 'off')
        await this.#want({ post, feed, wanted: 'off', manner: now.delivery.manner });
    });
  }

  /** Sends to every feed where something is due. The post must be saved. */
  async send(post: PostId): Promise<void> {
    this.isSending = true;
    for (const { feed, form, manner } of this.due) {
      await this.#at(feed.id, () => this.#want({ post, feed: feed.id, wanted: form, manner }));
    }
    this.isSending = false;
  }

  /** Takes the post back from a feed. */
  async withdraw(post: PostId, feed: FeedId): Promise<void> {
    const manner = this.deliveries.find((each) => each.feed === feed)?.manner ?? PLAIN;
    await this.#at(feed, () => this.#want({ post, feed, wanted: 'withdrawn', manner }));
    this.choose(feed, { on: false });
  }

  async #want(wish: SendInput): Promise<void> {
    const delivery = await this.#host.call('post_send', wish);
    this.deliveries = [...this.deliveries.filter(({ feed }) => feed !== wish.feed), delivery];
  }

  async #enable(id: FeedId): Promise<void> {
    const change = { id, name: null, enabled: true, place: null, options: null };
    const feed = await this.#host.call('feed_change', change);
    this.feeds = this.feeds.map((each) => (each.id === id ? feed : each));
  }

  async #at(feed: FeedId, act: () => Promise<void>): Promise<void> {
    const { [feed]: _, ...others } = this.#errors;
    this.#errors = others;
    try {
      await act();
    } catch (thrown) {
      this.#errors = { ...this.#errors, [feed]: factsOf(thrown) };
    }
  }
}

function choiceOf(delivery: DeliveryView | null): Choice {
  const wanted = delivery?.wanted;
  return {
    on: wanted === 'draft' || wanted === 'published',
    form: wanted === 'draft' ? 'draft' : 'published',
    manner: delivery?.manner ?? PLAIN,
  };
}

/** Whether sending now would change anything at the feed. */
function isDue(delivery: DeliveryView | null, { form, manner }: Choice, isChanging: boolean): boolean {
  // Nothing leaves before the two versions came together.
  if (delivery && isInConflict(delivery)) return false;
  if (!delivery || delivery.wanted !== form || !isAlike(delivery.manner, manner)) return true;
  return delivery.changed_since || delivery.state === 'needs_you' || (isChanging && isThere(delivery));
}

function isAlike(a: Manner, b: Manner): boolean {
  return a.publish_at === b.publish_at && a.warning === b.warning && a.visibility === b.visibility;
}

function isThere(delivery: DeliveryView | null): boolean {
  return delivery?.receipt != null && delivery.receipt.known !== 'withdrawn' && !isGone(delivery);
}
