import type { ApiError, Discovery, Host } from '../../host/host';
import { factsOf } from '../../host/host';
import type { SignInAt } from './signin.svelte';

type Door = Pick<Host, 'call'>;

/** Finding out what is at an address, before it becomes a feed. */
export class Adding {
  address = $state('');
  /** What was found, the most capable first; null before anything was looked at. */
  found = $state.raw<Discovery[] | null>(null);
  chosen = $state.raw<Discovery | null>(null);
  isLooking = $state(false);
  error = $state.raw<ApiError | null>(null);
  /** The user allowed an address that is not encrypted. */
  plainHttp = $state(false);
  /** The address that {@link found} is about. */
  looked = $state('');
  readonly #host: Door;

  constructor(host: Door) {
    this.#host = host;
  }

  /** Whether the address is refused only because it is not encrypted. */
  get isPlain(): boolean {
    return this.error?.code === 'plain_http';
  }

  /** Whether what was found is about the address that stands there now. */
  get isCurrent(): boolean {
    return this.address.trim() === this.looked;
  }

  get at(): SignInAt | null {
    const { chosen, plainHttp } = this;
    if (chosen === null) return null;
    return { kind: chosen.kind, place: chosen.place, name: chosen.name, feed: null, plain_http: plainHttp };
  }

  async look(plainHttp = false): Promise<void> {
    const address = this.address.trim();
    if (address === '' || this.isLooking) return;
    Object.assign(this, { isLooking: true, error: null, found: null, chosen: null, plainHttp, looked: address });
    try {
      this.found = await this.#host.call('feed_discover', { address, plain_http: plainHttp });
      this.chosen = this.found[0] ?? null;
    } catch (thrown) {
      this.error = factsOf(thrown);
    } finally {
      this.isLooking = false;
    }
  }
}
