import type { ApiError, FeedId, FeedKind, FeedView, Host, KeepSecret } from '../../host/host';
import { factsOf } from '../../host/host';

type Door = Pick<Host, 'call' | 'openLink'>;

/** Where one signs in: at a feed that is set up, or at an address that becomes one. */
export interface SignInAt {
  kind: FeedKind;
  place: string;
  /** The feed to sign in at again; null sets up a new one. */
  feed: FeedId | null;
  /** How a new feed is called; empty chooses a name. */
  name: string;
  plain_http: boolean;
}

interface InBrowser {
  id: string;
  url: string;
}

/** Signing in, with a secret or in the user's own browser. A secret is held only until the journal has taken it. */
export class SignIn {
  /** What is being done: a secret is tried, a page is asked for, or the browser is waited for. */
  doing: 'trying' | 'beginning' | 'waiting' | null = $state(null);
  error = $state.raw<ApiError | null>(null);
  /** The system keeps no secrets: the user says where else, then it goes on. */
  needsKeep = $state(false);
  /** The page that waits in the browser. */
  browser = $state.raw<InBrowser | null>(null);
  /** The user gave it up; that is no error. */
  wasCancelled = $state(false);
  #again: ((keep: KeepSecret) => Promise<FeedView | null>) | null = null;
  readonly #host: Door;

  constructor(host: Door) {
    this.#host = host;
  }

  /** Signs in with a name and a password, or with a token and no name. Answers the feed, or null when it did not work. */
  withSecret(at: SignInAt, user: string, secret: string, keep: KeepSecret | null = null): Promise<FeedView | null> {
    const { kind, place, name, feed, plain_http } = at;
    const attempt = () =>
      feed === null
        ? this.#host.call('feed_add', { kind, name, place, user, secret, keep, plain_http })
        : this.#host.call('feed_sign_in', { feed, user, secret, keep });
    this.#again = (chosen) => this.withSecret(at, user, secret, chosen);
    return this.#try('trying', attempt);
  }

  /** Signs in in the user's browser. Answers when the page there was answered, given up, or took too long. */
  withBrowser(at: SignInAt, keep: KeepSecret | null = null): Promise<FeedView | null> {
    this.#again = (chosen) => this.withBrowser(at, chosen);
    return this.#try('beginning', async () => {
      this.browser = await this.#host.call('sign_in_begin', { ...at, keep });
      this.doing = 'waiting';
      const { id, url } = this.browser;
      // Where no browser opens, the address on the screen can be opened by hand.
      await this.#host.openLink(url).catch(() => null);
      return this.#host.call('sign_in_finish', id);
    });
  }

  /** Opens the page in the browser once more. */
  async openAgain(): Promise<void> {
    if (this.browser) await this.#host.openLink(this.browser.url).catch(() => null);
  }

  /** Gives the sign-in in the browser up. */
  async cancel(): Promise<void> {
    const { browser } = this;
    if (browser === null) return;
    this.wasCancelled = true;
    // When the journal does not know it any more, it has ended already.
    await this.#host.call('sign_in_cancel', browser.id).catch(() => null);
  }

  /** Goes on with the secret kept where the user said. */
  async keepIn(keep: KeepSecret): Promise<FeedView | null> {
    return (await this.#again?.(keep)) ?? null;
  }

  async #try(doing: 'trying' | 'beginning', act: () => Promise<FeedView>): Promise<FeedView | null> {
    Object.assign(this, { doing, error: null, needsKeep: false, wasCancelled: false });
    try {
      const feed = await act();
      this.#again = null;
      return feed;
    } catch (thrown) {
      const facts = factsOf(thrown);
      if (facts.code === 'no_keychain') {
        this.needsKeep = true;
        return null;
      }
      this.#again = null;
      if (facts.code !== 'cancelled') this.error = facts;
      return null;
    } finally {
      this.doing = null;
      this.browser = null;
    }
  }
}
