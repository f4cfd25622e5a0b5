// Commands about feeds, answered by a journal in memory: setting up, changing, finding, signing in.
import type { DeliveryView, Discovery, FeedId, FeedView, KeepSecret, SignInInput } from '../host';
import { HostError } from '../host';
import { type MemoryJournal, refuse } from './journal';
import type { Part } from './table';

type Names =
  | 'feed_list'
  | 'feed_add'
  | 'feed_change'
  | 'feed_parting'
  | 'feed_remove'
  | 'feed_test'
  | 'feed_discover'
  | 'sign_in_begin'
  | 'sign_in_finish'
  | 'sign_in_cancel'
  | 'feed_sign_in'
  | 'feed_sign_out';

/** A sign-in that waits for the user's browser. */
interface Waiting {
  input: SignInInput;
  settle: (outcome: FeedView | HostError) => void;
  ended: Promise<FeedView | HostError>;
}

/** What somebody does in the browser that a sign-in was opened in. */
export type InBrowser = 'allow' | 'deny' | 'wait_too_long';

export class FeedCommands {
  readonly #journal: MemoryJournal;
  readonly #waiting = new Map<string, Waiting>();

  constructor(journal: MemoryJournal) {
    this.#journal = journal;
  }

  /** As if somebody did this on every page that a sign-in opened. */
  inBrowser(what: InBrowser): void {
    for (const { input, settle } of this.#waiting.values()) {
      if (what === 'allow') settle(this.#signedIn(input));
      else
        settle(new HostError({ code: what === 'deny' ? 'sign_in_denied' : 'sign_in_timed_out', subject: input.place }));
    }
  }

  readonly table: Part<Names> = {
    feed_list: () => [...this.#journal.feeds.keys()].map((id) => this.#journal.feedNow(id)),
    feed_add: ({ kind, name, place, user, secret, keep }) => {
      this.#refuseTaken(place);
      if (kind !== 'folder') this.#check(place, user, secret ?? '');
      const chosen = name || (kind === 'folder' ? place.split('/').at(-1) : hostOf(place)) || place;
      const facts: Partial<FeedView> = { kind, place };
      if (kind !== 'folder')
        Object.assign(facts, { health: 'reachable', keep: this.#kept(keep), seen_at: this.#now() });
      const id = this.#journal.addFeed(chosen, true, facts);
      this.#journal.emit({ event: 'feeds_changed' });
      return this.#journal.feedNow(id);
    },
    feed_change: ({ id, name, enabled, place, options }) =>
      this.#become(id, {
        ...(name === null ? {} : { name }),
        ...(enabled === null ? {} : { enabled }),
        ...(place === null ? {} : { place }),
        ...(options === null ? {} : { options }),
      }),
    feed_parting: (id) => {
      const own = [...this.#journal.deliveries.values()].filter(({ feed }) => feed === this.#journal.feed(id).id);
      const isGone = (one: DeliveryView) => one.state === 'needs_you' && one.reason === 'gone_there';
      const stays = own.filter((one) => one.receipt && one.receipt.known !== 'withdrawn' && !isGone(one));
      const pending = own.filter(({ state }) => state !== 'idle' && state !== 'synced');
      return {
        there: stays.length,
        leaving: stays.filter(({ wanted }) => wanted === 'withdrawn').length,
        waiting: pending.filter(({ wanted }) => wanted !== 'withdrawn').length,
      };
    },
    feed_remove: (id) => {
      this.#journal.feed(id);
      this.#journal.feeds.delete(id);
      for (const [key, { feed }] of this.#journal.deliveries) if (feed === id) this.#journal.deliveries.delete(key);
      this.#journal.emit({ event: 'feeds_changed' });
      this.#journal.announce(null);
      return null;
    },
    feed_test: (id) => {
      if (!this.#journal.online) return this.#become(id, { health: 'unreachable' });
      if (this.#journal.feed(id).health === 'signed_out') return this.#journal.feedNow(id);
      return this.#become(id, { health: 'reachable', seen_at: this.#now() });
    },
    feed_discover: ({ address, plain_http }) => {
      if (address.startsWith('http://') && !plain_http) refuse('plain_http', address);
      if (!this.#journal.online) refuse('feed_unreachable', hostOf(address));
      return discovered(address);
    },
    sign_in_begin: (input) => {
      if (!this.#journal.online) refuse('feed_unreachable', hostOf(input.place));
      if (input.feed === null) this.#refuseTaken(input.place);
      const id = this.#journal.nextId();
      let settle: Waiting['settle'] = () => {};
      const ended = new Promise<FeedView | HostError>((done) => (settle = done));
      this.#waiting.set(id, { input, settle, ended });
      return { id, url: `${input.place}/oauth/authorize?state=${id}` };
    },
    sign_in_finish: async (id) => {
      const waiting = this.#waiting.get(id) ?? refuse('cancelled');
      const outcome = await waiting.ended;
      this.#waiting.delete(id);
      if (outcome instanceof HostError) throw outcome;
      return outcome;
    },
    sign_in_cancel: (id) => {
      this.#waiting.get(id)?.settle(new HostError({ code: 'cancelled' }));
      return null;
    },
    feed_sign_in: ({ feed, user, secret, keep }) => {
      this.#check(this.#journal.feed(feed).place, user, secret);
      return this.#become(feed, { health: 'reachable', keep: this.#kept(keep), seen_at: this.#now() });
    },
    feed_sign_out: (id) => this.#become(id, { health: 'signed_out' }),
  };

  #become(id: FeedId, change: Partial<FeedView>): FeedView {
    const feed = { ...this.#journal.feed(id), ...change };
    this.#journal.feeds.set(id, feed);
    for (const delivery of this.#journal.deliveries.values()) if (delivery.feed === id) delivery.paused = !feed.enabled;
    this.#journal.emit({ event: 'feeds_changed' });
    this.#journal.announce(id);
    return this.#journal.feedNow(id);
  }

  #signedIn({ kind, place, name, feed, keep }: SignInInput): FeedView | HostError {
    try {
      const facts = { health: 'reachable', keep: this.#kept(keep), seen_at: this.#now() } as const;
      if (feed !== null) return this.#become(feed, facts);
      const id = this.#journal.addFeed(name || hostOf(place), true, { kind, place, ...facts });
      this.#journal.emit({ event: 'feeds_changed' });
      return this.#journal.feedNow(id);
    } catch (thrown) {
      if (thrown instanceof HostError) return thrown;
      throw thrown;
    }
  }

  /** What becomes of a sign-in is in the password: `wrong` is not accepted. */
  #check(place: string, user: string, secret: string): void {
    if (!this.#journal.online) refuse('feed_unreachable', hostOf(place));
    if (user === '' || secret === '' || secret.includes('wrong')) refuse('sign_in_refused', hostOf(place));
  }

  #kept(keep: KeepSecret | null): KeepSecret {
    if (keep === null && this.#journal.weather.noKeychain) refuse('no_keychain');
    return keep ?? { in: 'keychain' };
  }

  #refuseTaken(place: string): void {
    if ([...this.#journal.feeds.values()].some((feed) => feed.place === place)) refuse('feed_exists', place);
  }

  #now(): number {
    return this.#journal.now();
  }
}

/** What is at an address is in its name: `mastodon`, `notes` (Micropub), `both`, `nothing`, `page`; everything else is WordPress. */
function discovered(address: string): Discovery[] {
  const host = hostOf(address);
  const place = `${address.startsWith('http://') ? 'http' : 'https'}://${host}`;
  const wordpress: Discovery = {
    kind: 'wordpress',
    name: host.startsWith('blog') ? '梅的博客 Mei’s blog' : host,
    place,
    sign_in: 'password',
    password_page: `${place}/wp-admin/profile.php#application-passwords-section`,
  };
  const micropub: Discovery = { ...wordpress, kind: 'micropub', name: host, sign_in: 'browser', password_page: null };
  if (/nothing/.test(host)) refuse('no_feed_there', host);
  if (/page/.test(host)) refuse('answer_strange', host);
  if (/both/.test(host)) return [wordpress, micropub];
  if (/mastodon|social/.test(host)) return [{ ...micropub, kind: 'mastodon' }];
  return [/notes/.test(host) ? micropub : wordpress];
}

function hostOf(address: string): string {
  return (
    address
      .trim()
      .replace(/^https?:\/\//, '')
      .replace(/^@?[^@/]*@/, '')
      .split('/')[0] ?? address
  );
}
