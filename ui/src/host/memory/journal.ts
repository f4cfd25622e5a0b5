// What a journal in memory holds, and what all its commands ask of it. Knows no command and no window.
import type {
  AssetId,
  AssetView,
  Connection,
  Content,
  ConflictView,
  DeliveryView,
  ErrorCode,
  Event,
  FeedId,
  FeedView,
  PostId,
  RemoteItem,
  Settings,
  ShellState,
} from '../host';
import { FIRST_SETTINGS, HostError } from '../host';
import { connectionOf } from './connection';
import { freshAsset, freshFeed } from './nature';
import { isWaiting, newest, type Post, type Revision, titlesOf } from './posts';

/** How this journal differs from an everyday one. */
export interface Weather {
  now?: () => number;
  locale?: string;
  platform?: ShellState['platform'];
  /** Answers take this long. */
  delay?: number;
  /** No journal could be opened, for this reason. */
  closed?: ErrorCode | null;
  /** The system has no keychain, or does not open it. */
  noKeychain?: boolean;
}

export class MemoryJournal {
  readonly posts = new Map<PostId, Post>();
  readonly assets = new Map<AssetId, AssetView>();
  readonly feeds = new Map<FeedId, FeedView>();
  readonly deliveries = new Map<string, DeliveryView>();
  readonly conflicts = new Map<string, ConflictView>();
  /** What lies at feeds, newest first, wherever it was written. */
  readonly remote = new Map<FeedId, RemoteItem[]>();
  settings: Settings = FIRST_SETTINGS;
  /** Whether feeds answer. */
  online = true;
  weather: Weather;

  protected readonly aspects = new Map<AssetId, { seed: number; aspect: number }>();
  readonly #listeners = new Set<(event: Event) => void>();
  #serial = 0;

  constructor(weather: Weather = {}) {
    this.weather = weather;
    // As in the core, the ready-made feed has no name: the interface gives it one.
    this.addFeed('', false);
  }

  listen(listener: (event: Event) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** As if the journal said it. */
  emit(event: Event): void {
    for (const listener of this.#listeners) listener(event);
  }

  addFeed(name: string, enabled: boolean, facts: Partial<FeedView> = {}): FeedId {
    const id = this.nextId();
    this.feeds.set(id, { ...freshFeed(id, name, facts), enabled });
    return id;
  }

  addAsset({ aspect = 0.75, ...facts }: Partial<AssetView> & { aspect?: number }): AssetId {
    const seed = this.#serial;
    const id = this.nextId().replaceAll('-', '').padEnd(64, '5');
    this.aspects.set(id, { seed, aspect });
    this.assets.set(id, freshAsset(id, { seed, aspect }, facts));
    return id;
  }

  addPost(content: Content, at: number = this.now()): PostId {
    const id = this.nextId();
    this.posts.set(id, {
      id,
      created_at: at,
      deleted_at: null,
      sealed: true,
      revisions: [this.revision(content, at, [])],
    });
    return id;
  }

  addDelivery(
    post: PostId,
    feed: FeedId,
    facts: Partial<DeliveryView> & { state: DeliveryView['state'] },
  ): DeliveryView {
    const delivery = {
      id: `${post}:${feed}`,
      post,
      feed,
      feed_name: this.feed(feed).name,
      paused: !this.feed(feed).enabled,
      wanted: 'published',
      manner: { publish_at: null, warning: '', visibility: null },
      receipt: null,
      from_there: false,
      changed_since: false,
      next_at: null,
      updated_at: this.now(),
      ...facts,
    } as DeliveryView;
    this.deliveries.set(delivery.id, delivery);
    return delivery;
  }

  /** What a feed confirms when it took a post. */
  receiptFor(post: PostId, known: DeliveryView['wanted'], feed?: FeedId): NonNullable<DeliveryView['receipt']> {
    const revision = newest(this.post(post)).entry.id;
    const at = feed === undefined ? undefined : this.feed(feed);
    const number = String(1800 + [...this.posts.keys()].indexOf(post));
    const url = !at || at.kind === 'folder' ? null : `${at.place}/${number}`;
    const remote_id = at ? number : post;
    return { remote_id, url, known, revision, version: revision, confirmed_at: this.now() };
  }

  revision(content: Content, at: number, parents: string[], origin: Revision['entry']['origin'] = 'edit'): Revision {
    const entry = {
      id: this.nextId(),
      parents,
      origin,
      created_at: at,
      updated_at: at,
      titles: titlesOf(content),
      attachments: content.attachments.length,
    };
    return { entry, content, version: 1 };
  }

  post(id: PostId): Post {
    return this.posts.get(id) ?? refuse('post_not_found');
  }

  feed(id: FeedId): FeedView {
    return this.feeds.get(id) ?? refuse('feed_not_found');
  }

  /** A feed with its numbers as they are now. */
  feedNow(id: FeedId): FeedView {
    const feed = this.feed(id);
    const own = [...this.deliveries.values()].filter((delivery) => delivery.feed === id);
    const health = !this.online && own.some(isWaiting) ? 'unreachable' : feed.health;
    return {
      ...feed,
      health,
      waiting: own.filter(isWaiting).length,
      needs_you: own.filter(({ state }) => state === 'needs_you').length,
    };
  }

  deliveriesOf(post: PostId): DeliveryView[] {
    return [...this.feeds.keys()]
      .map((feed) => this.deliveries.get(`${post}:${feed}`))
      .filter((found) => found !== undefined);
  }

  connection(): Connection {
    return connectionOf([...this.feeds.values()], [...this.deliveries.values()], this.online);
  }

  announce(feed: FeedId | null): void {
    this.emit({ event: 'outbox_changed', feed, connection: this.connection() });
  }

  now(): number {
    return (this.weather.now ?? Date.now)();
  }

  /** Shaped like a UUIDv7; counting, so that runs are alike. */
  nextId(): string {
    this.#serial += 1;
    const hex = this.#serial.toString(16).padStart(32, '0');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
  }
}

export function refuse(code: ErrorCode, subject?: string): never {
  throw new HostError(subject === undefined ? { code } : { code, subject });
}
