import { Resource } from '../../app/resource.svelte';
import type { ApiError, Event, FeedChange, FeedId, FeedOptions, FeedView, Host, PullReport } from '../../host/host';
import { factsOf } from '../../host/host';

type Door = Pick<Host, 'call'>;
const FOLDER = { kind: 'folder', name: '', user: '', secret: null, keep: null, plain_http: false } as const;

/** What of a feed is being done right now. */
type Doing = 'changing' | 'testing' | 'removing' | 'pulling' | null;

/** The feeds and what can be done with one. Every answer of the journal is shown as it came; nothing is assumed to have worked. */
export class Feeds {
  readonly list: Resource<FeedView[]>;
  doing: Doing = $state(null);
  error = $state.raw<ApiError | null>(null);
  /** The feed that was just tested; its health is news. */
  tested: FeedId | null = $state(null);
  /** What came of looking for changes made at the feeds. */
  pulled = $state.raw<PullReport | null>(null);
  readonly #host: Door;

  constructor(host: Door) {
    this.#host = host;
    this.list = new Resource(() => host.call('feed_list'));
  }

  find(id: FeedId): FeedView | null {
    return this.list.value?.find((feed) => feed.id === id) ?? null;
  }

  onEvent(event: Event): void {
    if (event.event === 'feeds_changed' || event.event === 'outbox_changed') void this.list.load();
  }

  /** Sets up a folder feed and answers its id. */
  async add(place: string): Promise<FeedId | null> {
    let id: FeedId | null = null;
    await this.#act('changing', async () => {
      const feed = await this.#host.call('feed_add', { ...FOLDER, place });
      id = feed.id;
    });
    return id;
  }

  change(id: FeedId, change: Partial<Omit<FeedChange, 'id'>>): Promise<boolean> {
    this.tested = null;
    const whole: FeedChange = { id, name: null, enabled: null, place: null, options: null, ...change };
    return this.#act('changing', async () => this.#learn(await this.#host.call('feed_change', whole)));
  }

  setOptions(feed: FeedView, options: Partial<FeedOptions>): Promise<boolean> {
    return this.change(feed.id, { options: { ...feed.options, ...options } });
  }

  /** Asks the feed itself; the answer is its health. */
  async test(id: FeedId): Promise<void> {
    this.tested = null;
    const answered = await this.#act('testing', async () => this.#learn(await this.#host.call('feed_test', id)));
    if (answered) this.tested = id;
  }

  /** Forgets the secret; the feed and everything that waits for it stay. */
  signOut(id: FeedId): Promise<boolean> {
    return this.#act('changing', async () => this.#learn(await this.#host.call('feed_sign_out', id)));
  }

  /** Reads what was changed at all feeds. */
  pull(): Promise<boolean> {
    this.pulled = null;
    return this.#act('pulling', async () => {
      this.pulled = await this.#host.call('pull');
    });
  }

  /** Takes over what a feed holds now though so much is gone there at once. */
  accept(id: FeedId): Promise<boolean> {
    this.pulled = null;
    return this.#act('pulling', async () => {
      this.pulled = await this.#host.call('pull_accept', id);
    });
  }

  remove(id: FeedId): Promise<boolean> {
    return this.#act('removing', async () => {
      await this.#host.call('feed_remove', id);
    });
  }

  #learn(feed: FeedView): void {
    const list = this.list.value ?? [];
    this.list.value = list.map((each) => (each.id === feed.id ? feed : each));
  }

  async #act(doing: Doing, act: () => Promise<void>): Promise<boolean> {
    this.doing = doing;
    this.error = null;
    try {
      await act();
      return true;
    } catch (thrown) {
      this.error = factsOf(thrown);
      return false;
    } finally {
      this.doing = null;
      await this.list.load();
    }
  }
}
