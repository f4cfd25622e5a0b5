// A journal in memory behind the same door as the real one: for browser journeys, unit tests and development. Keeps nothing.
import type {
  ApiError,
  AssetId,
  AssetView,
  Commands,
  Connection,
  Content,
  DeliveryView,
  DraftInput,
  DraftSaved,
  ErrorCode,
  Event,
  FeedId,
  FeedView,
  FileDrag,
  Host,
  ImportedFile,
  ImportReport,
  MenuAction,
  PostId,
  Rendition,
  SendInput,
  Settings,
  ShellState,
  Stop,
} from '../host';
import { HostError } from '../host';
import { pictureUrl, skyColour } from './pictures';
import {
  type Assets,
  cardOf,
  countsOf,
  diffOf,
  fits,
  indexEntryOf,
  isWaiting,
  newest,
  type Post,
  type Revision,
  viewOf,
} from './posts';
import { coverOf, titlesOf } from './posts';

type Table = {
  [K in keyof Commands]: (input: Commands[K]['input']) => Commands[K]['output'] | Promise<Commands[K]['output']>;
};

/** How this journal differs from an everyday one. */
export interface Weather {
  now?: () => number;
  locale?: string;
  platform?: ShellState['platform'];
  /** Answers take this long. */
  delay?: number;
  /** No journal could be opened, for this reason. */
  closed?: ErrorCode | null;
}

export class MemoryHost implements Host {
  readonly posts = new Map<PostId, Post>();
  readonly assets = new Map<AssetId, AssetView>();
  readonly feeds = new Map<FeedId, FeedView>();
  readonly deliveries = new Map<string, DeliveryView>();
  settings: Settings = { locale: null, theme: 'system', languages: ['zh-Hans', 'en'], view: 'grid', reading: 'both' };
  /** Commands that fail, and with what. Taken away, they work again. */
  readonly failing = new Map<keyof Commands, ApiError>();
  /** Whether feeds answer. */
  online = true;
  /** What the system's file dialog answers next. */
  picked: string[] = [];
  /** Addresses and paths that were given to the system. */
  readonly opened: string[] = [];
  weather: Weather;

  readonly #listeners = new Set<(event: Event) => void>();
  readonly #drags = new Set<(drag: FileDrag) => void>();
  readonly #menus = new Set<(action: MenuAction) => void>();
  readonly #shells = new Set<(state: ShellState) => void>();
  readonly #saves = new Set<() => Promise<void>>();
  readonly #aspects = new Map<AssetId, { seed: number; aspect: number }>();
  #serial = 0;
  #cancelled = false;

  constructor(weather: Weather = {}) {
    this.weather = weather;
    // As in the core, the ready-made feed has no name: the interface gives it one.
    this.addFeed('', false);
  }

  // ── The door ──────────────────────────────────────────────────────────────────────────────────────────────────────

  async call<K extends keyof Commands>(name: K, input?: Commands[K]['input']): Promise<Commands[K]['output']> {
    if (this.weather.delay) await new Promise((done) => setTimeout(done, this.weather.delay));
    const failure = this.failing.get(name) ?? (this.weather.closed ? { code: 'no_journal' as const } : undefined);
    if (failure) throw new HostError(failure);
    // What crosses the real door is copied; handing out our own objects would hide mistakes.
    const answer = await (this.#table[name] as (input: unknown) => unknown)(structuredClone(input ?? null));
    return structuredClone(answer) as Commands[K]['output'];
  }

  on(listener: (event: Event) => void): Stop {
    return member(this.#listeners, listener);
  }

  async shell(): Promise<ShellState> {
    const code = this.weather.closed;
    return {
      platform: this.weather.platform ?? 'linux',
      locale: this.weather.locale ?? 'en',
      journal: code ? null : '/home/mei/Sampan',
      error: code ? { code, subject: '/home/mei/Sampan' } : null,
      folder: '/home/mei/Sampan',
    };
  }

  onShell(listener: (state: ShellState) => void): Stop {
    return member(this.#shells, listener);
  }

  async pickFiles(): Promise<string[]> {
    return this.picked;
  }

  async pickFolder(): Promise<string | null> {
    return this.picked[0] ?? null;
  }

  async openJournal(folder: string): Promise<ShellState> {
    this.weather = { ...this.weather, closed: null };
    const state = { ...(await this.shell()), journal: folder, folder };
    for (const listener of this.#shells) listener(state);
    return state;
  }

  async openLink(url: string): Promise<void> {
    this.opened.push(url);
  }

  async reveal(path: string): Promise<void> {
    this.opened.push(path);
  }

  async openClip(asset: AssetId): Promise<void> {
    this.opened.push(asset);
  }

  onFiles(listener: (drag: FileDrag) => void): Stop {
    return member(this.#drags, listener);
  }

  onClose(save: () => Promise<void>): Stop {
    return member(this.#saves, save);
  }

  async flush(): Promise<void> {
    await Promise.allSettled([...this.#saves].map((save) => save()));
  }

  onMenu(listener: (action: MenuAction) => void): Stop {
    return member(this.#menus, listener);
  }

  mediaUrl(asset: AssetId, rendition: Rendition): string {
    const picture = this.#aspects.get(asset);
    return picture ? pictureUrl(picture.seed, picture.aspect) : `about:blank#${rendition}`;
  }

  clipUrl(asset: AssetId): string {
    return this.mediaUrl(asset, 'original');
  }

  // ── What a test does to it ────────────────────────────────────────────────────────────────────────────────────────

  /** As if the journal said it. */
  emit(event: Event): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** As if files were dragged over the window. */
  drag(drag: FileDrag): void {
    for (const listener of this.#drags) listener(drag);
  }

  /** As if the native menu was used. */
  choose(action: MenuAction): void {
    for (const listener of this.#menus) listener(action);
  }

  /** As if the window was closed; done when everything is saved. */
  async close(): Promise<void> {
    await this.flush();
  }

  addFeed(name: string, enabled: boolean): FeedId {
    const id = this.#id();
    this.feeds.set(id, {
      id,
      name,
      kind: 'folder',
      enabled,
      place: `/home/mei/${name || 'Sampan feed'}`,
      health: 'unknown',
      waiting: 0,
      needs_you: 0,
      seen_at: null,
      options: { place: false, title: '', base_url: null, author: '' },
    });
    return id;
  }

  addAsset(facts: Partial<AssetView> & { aspect?: number }): AssetId {
    const seed = this.#serial;
    const id = this.#id().replaceAll('-', '').padEnd(64, '5');
    const { aspect = 0.75, ...given } = facts;
    const kind = given.kind ?? 'photo';
    this.#aspects.set(id, { seed, aspect });
    this.assets.set(id, {
      id,
      kind,
      mime: kind === 'clip' ? 'video/mp4' : kind === 'photo' ? 'image/jpeg' : 'application/octet-stream',
      bytes: 2_800_000 + seed * 1_000,
      width: kind === 'file' ? null : 4000,
      height: kind === 'file' ? null : Math.round(4000 * aspect),
      duration_ms: kind === 'clip' ? 12_000 : null,
      codec: kind === 'clip' ? 'avc1' : null,
      colour: skyColour(seed),
      taken: null,
      point: null,
      problem: kind === 'file' ? 'unsupported' : null,
      has_picture: kind !== 'file',
      ...given,
    });
    return id;
  }

  addPost(content: Content, at: number = this.#now()): PostId {
    const id = this.#id();
    this.posts.set(id, {
      id,
      created_at: at,
      deleted_at: null,
      sealed: true,
      revisions: [this.#revision(content, at, [])],
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
      feed_name: this.#feed(feed).name,
      wanted: 'published',
      receipt: null,
      changed_since: false,
      next_at: null,
      updated_at: this.#now(),
      ...facts,
    } as DeliveryView;
    this.deliveries.set(delivery.id, delivery);
    return delivery;
  }

  /** What a feed confirms when it took a post. */
  receiptFor(post: PostId, known: DeliveryView['wanted']): NonNullable<DeliveryView['receipt']> {
    const revision = newest(this.#post(post)).entry.id;
    return { remote_id: post, url: null, known, revision, version: revision, confirmed_at: this.#now() };
  }

  // ── The commands ──────────────────────────────────────────────────────────────────────────────────────────────────

  readonly #table: Table = {
    journal_state: () => ({
      dir: '/home/mei/Sampan',
      bytes: 1_284_000_000,
      cloud_synced: null,
      version: '0.1.0',
    }),
    counts: () => countsOf([...this.posts.values()], (post) => this.#deliveriesOf(post)),
    post_index: (filter) =>
      [...this.posts.values()]
        .filter((post) => fits(post, filter, this.#assets, this.#deliveriesOf(post.id)))
        .map((post) => indexEntryOf(post, this.#assets))
        .sort((a, b) => b.at - a.at),
    post_cards: (ids) =>
      ids
        .map((id) => this.posts.get(id))
        .filter((post) => post !== undefined)
        .map((post) => cardOf(post, this.#assets, this.#deliveriesOf(post.id))),
    post_get: (id) => viewOf(this.#post(id), this.#assets, this.#deliveriesOf(id)),
    draft_save: (draft) => this.#save(draft),
    draft_seal: (id) => {
      this.#post(id).sealed = true;
      return null;
    },
    post_delete: (id) => this.#bin(id, this.#now()),
    post_undelete: (id) => this.#bin(id, null),
    history: (id) =>
      this.#post(id)
        .revisions.map(({ entry }) => entry)
        .reverse(),
    revision_diff: ({ from, to }) => {
      const post = [...this.posts.values()].find(({ revisions }) => revisions.some(({ entry }) => entry.id === to));
      return (post && diffOf(post, from, to, this.#assets)) ?? refuse('revision_not_found');
    },
    revision_restore: ({ post: id, revision }) => {
      const post = this.#post(id);
      const old = post.revisions.find(({ entry }) => entry.id === revision) ?? refuse('revision_not_found');
      post.revisions.push(this.#revision(old.content, this.#now(), [newest(post).entry.id], 'restore'));
      post.sealed = true;
      return this.#saved(post, false);
    },
    import_files: ({ paths }) => this.#import(paths),
    import_paste: ({ name }) => this.#importOne(name),
    import_cancel: () => {
      this.#cancelled = true;
      return null;
    },
    asset_get: (id) => this.assets.get(id) ?? refuse('asset_not_found'),
    asset_poster: ({ name }) => this.assets.get(name) ?? refuse('asset_not_found'),
    feed_list: () => [...this.feeds.values()].map((feed) => this.#feedNow(feed)),
    feed_add: ({ name, place }) => {
      if ([...this.feeds.values()].some((feed) => feed.place === place)) refuse('feed_exists', place);
      const id = this.addFeed(name || (place.split('/').at(-1) ?? place), true);
      this.#feed(id).place = place;
      this.emit({ event: 'feeds_changed' });
      return this.#feedNow(this.#feed(id));
    },
    feed_change: ({ id, name, enabled, place, options }) => {
      const feed = this.#feed(id);
      this.feeds.set(id, {
        ...feed,
        name: name ?? feed.name,
        enabled: enabled ?? feed.enabled,
        place: place ?? feed.place,
        options: options ?? feed.options,
      });
      this.emit({ event: 'feeds_changed' });
      this.#announce(id);
      return this.#feedNow(this.#feed(id));
    },
    feed_remove: (id) => {
      this.#feed(id);
      this.feeds.delete(id);
      for (const [key, delivery] of this.deliveries) if (delivery.feed === id) this.deliveries.delete(key);
      this.emit({ event: 'feeds_changed' });
      this.#announce(null);
      return null;
    },
    feed_test: (id) => {
      const feed = this.#feed(id);
      this.feeds.set(id, {
        ...feed,
        health: this.online ? 'reachable' : 'unreachable',
        seen_at: this.online ? this.#now() : feed.seen_at,
      });
      this.emit({ event: 'feeds_changed' });
      return this.#feedNow(this.#feed(id));
    },
    post_send: (wish) => this.#send(wish),
    preflight: (id) => {
      const { content } = newest(this.#post(id));
      const files = content.attachments.map(({ asset, name, alt }) => ({
        facts: this.assets.get(asset),
        asset,
        name,
        alt,
      }));
      const langs = Object.keys(content.sides);
      return {
        location_removed: files.filter(({ facts }) => facts?.point).length,
        attachments: files.length,
        alt_complete: files.filter(({ alt }) => langs.every((lang) => alt[lang])).length,
        clips: files.filter(({ facts }) => facts?.kind === 'clip').length,
        blocked: files.filter(({ facts }) => facts?.kind === 'file').map(({ asset, name }) => ({ asset, name })),
      };
    },
    outbox: () => {
      const all = [...this.deliveries.values()].sort((a, b) => a.updated_at - b.updated_at);
      const line = (delivery: DeliveryView) => {
        const { content } = newest(this.#post(delivery.post));
        return {
          ...delivery,
          titles: titlesOf(content),
          cover: coverOf(content, this.#assets),
          files: content.attachments.length,
        };
      };
      const dayAgo = this.#now() - 86_400_000;
      return {
        pending: all.filter(({ state }) => state !== 'idle' && state !== 'synced').map(line),
        sent: all
          .filter(({ state, receipt }) => state === 'synced' && (receipt?.confirmed_at ?? 0) > dayAgo)
          .reverse()
          .map(line),
      };
    },
    sync_now: () => {
      for (const delivery of this.deliveries.values()) this.#deliver(delivery);
      return this.#connection();
    },
    connection: () => this.#connection(),
    settings_get: () => this.settings,
    settings_set: (settings) => {
      this.settings = settings;
      this.emit({ event: 'settings_changed' });
      return settings;
    },
    check: () => ({
      clean: true,
      posts: this.posts.size,
      revisions: [...this.posts.values()].flatMap(({ revisions }) => revisions).length,
      assets: this.assets.size,
      bytes: [...this.assets.values()].reduce((sum, { bytes }) => sum + bytes, 0),
      faults: [],
    }),
  };

  // ── Posts ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  #save({ post: id, base, version, content }: DraftInput): DraftSaved {
    const now = this.#now();
    if (id === null) {
      const post = this.#post(this.addPost(content, now));
      post.sealed = false;
      this.emit({ event: 'posts_changed', posts: [post.id] });
      return this.#saved(post, false);
    }
    const post = this.#post(id);
    const last = newest(post);
    const superseded = base !== last.entry.id || version !== last.version;
    if (post.sealed || superseded) post.revisions.push(this.#revision(content, now, [last.entry.id]));
    else
      Object.assign(last, {
        content,
        version: last.version + 1,
        entry: { ...last.entry, updated_at: now, titles: titlesOf(content) },
      });
    post.sealed = false;
    for (const delivery of this.#deliveriesOf(id)) {
      if (delivery.receipt) this.deliveries.set(delivery.id, { ...delivery, changed_since: true });
    }
    this.emit({ event: 'posts_changed', posts: [id] });
    return this.#saved(post, superseded);
  }

  #saved(post: Post, superseded: boolean): DraftSaved {
    const { entry, version } = newest(post);
    return {
      post: post.id,
      revision: entry.id,
      version,
      saved_at: entry.updated_at,
      versions: post.revisions.length,
      superseded,
    };
  }

  #revision(content: Content, at: number, parents: string[], origin: 'edit' | 'restore' = 'edit'): Revision {
    const entry = {
      id: this.#id(),
      parents,
      origin,
      created_at: at,
      updated_at: at,
      titles: titlesOf(content),
      attachments: content.attachments.length,
    };
    return { entry, content, version: 1 };
  }

  #bin(id: PostId, at: number | null): null {
    this.#post(id).deleted_at = at;
    this.emit({ event: 'posts_changed', posts: [id] });
    return null;
  }

  #post(id: PostId): Post {
    return this.posts.get(id) ?? refuse('post_not_found');
  }

  get #assets(): Assets {
    return this.assets;
  }

  // ── Files ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  async #import(paths: string[]): Promise<ImportReport> {
    this.#cancelled = false;
    this.#serial += 1;
    const id = this.#serial;
    const began = this.#now();
    const files: ImportedFile[] = [];
    for (const path of paths) {
      // A breath between two files, so that progress is seen and a cancel is heard.
      await new Promise((done) => setTimeout(done, this.weather.delay ?? 0));
      if (this.#cancelled) break;
      files.push(this.#importOne(path));
      const [done, total] = [files.length, paths.length];
      const progress = {
        id,
        done,
        total,
        bytes: done * 3_000_000,
        total_bytes: total * 3_000_000,
        elapsed_ms: this.#now() - began,
      };
      this.emit({ event: 'import', progress });
    }
    return { id, files, cancelled: this.#cancelled };
  }

  /** What becomes of a file is in its name: `missing`, `empty`, `.txt`, `.mp4`; everything else is a photo. */
  #importOne(path: string): ImportedFile {
    const name = path.split(/[\\/]/).at(-1) ?? path;
    const code: ErrorCode | null = name.includes('missing')
      ? 'file_missing'
      : name.includes('empty')
        ? 'file_empty'
        : null;
    if (code) return { name, path, outcome: 'failed', asset: null, error: { code, subject: name } };
    const kind = /\.(txt|pdf|zip)$/i.test(name) ? 'file' : /\.(mp4|mov|webm)$/i.test(name) ? 'clip' : 'photo';
    const asset = this.assets.get(this.addAsset({ kind })) ?? refuse('internal');
    return { name, path, outcome: 'added', asset, error: null };
  }

  // ── Feeds ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  #send({ post, feed, wanted }: SendInput): DeliveryView {
    this.#post(post).sealed = true;
    if (!this.#feed(feed).enabled) refuse('feed_off', this.#feed(feed).name);
    const before = this.deliveries.get(`${post}:${feed}`);
    const state = wanted === 'off' ? 'idle' : 'queued';
    const delivery = this.addDelivery(post, feed, { state, wanted, receipt: before?.receipt ?? null });
    this.#announce(feed);
    // The answer comes later, as over a real connection.
    setTimeout(() => this.#deliver(delivery), this.weather.delay ?? 0);
    return delivery;
  }

  #deliver(delivery: DeliveryView): void {
    if (!this.online || !isWaiting(delivery)) return;
    const receipt = this.receiptFor(delivery.post, delivery.wanted);
    this.addDelivery(delivery.post, delivery.feed, { wanted: delivery.wanted, state: 'synced', receipt });
    this.feeds.set(delivery.feed, { ...this.#feed(delivery.feed), health: 'reachable', seen_at: this.#now() });
    this.emit({ event: 'posts_changed', posts: [delivery.post] });
    this.#announce(delivery.feed);
  }

  #announce(feed: FeedId | null): void {
    this.emit({ event: 'outbox_changed', feed, connection: this.#connection() });
  }

  #connection(): Connection {
    const all = [...this.deliveries.values()];
    const waiting = all.filter(isWaiting);
    const needs_you = all.filter(({ state }) => state === 'needs_you').length;
    const unreachable = this.online ? [] : [...new Set(waiting.map(({ feed_name }) => feed_name))];
    const enabled = [...this.feeds.values()].some((feed) => feed.enabled);
    const state = !enabled
      ? 'no_feed'
      : unreachable.length > 0
        ? 'offline'
        : needs_you > 0
          ? 'needs_you'
          : waiting.some((delivery) => delivery.state === 'sending' || delivery.state === 'uploading')
            ? 'sending'
            : waiting.length > 0
              ? 'waiting'
              : 'all_sent';
    return { state, waiting: waiting.length, needs_you, unreachable };
  }

  #feed(id: FeedId): FeedView {
    return this.feeds.get(id) ?? refuse('feed_not_found');
  }

  #feedNow(feed: FeedView): FeedView {
    const own = [...this.deliveries.values()].filter((delivery) => delivery.feed === feed.id);
    const health = !this.online && own.some(isWaiting) ? 'unreachable' : feed.health;
    return {
      ...feed,
      health,
      waiting: own.filter(isWaiting).length,
      needs_you: own.filter(({ state }) => state === 'needs_you').length,
    };
  }

  #deliveriesOf(post: PostId): DeliveryView[] {
    return [...this.feeds.keys()]
      .map((feed) => this.deliveries.get(`${post}:${feed}`))
      .filter((found) => found !== undefined);
  }

  #now(): number {
    return (this.weather.now ?? Date.now)();
  }

  /** Shaped like a UUIDv7; counting, so that runs are alike. */
  #id(): string {
    this.#serial += 1;
    const hex = this.#serial.toString(16).padStart(32, '0');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
  }
}

function refuse(code: ErrorCode, subject?: string): never {
  throw new HostError(subject === undefined ? { code } : { code, subject });
}

function member<T>(set: Set<T>, one: T): Stop {
  set.add(one);
  return () => set.delete(one);
}
