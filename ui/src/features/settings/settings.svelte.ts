// What the settings screen asks of the journal: where it is, and whether every byte of it is as it was written.
import { factsOf, type ApiError, type CheckReport, type Host, type JournalState, type Lang } from '../../host/host';

export class Checkup {
  state = $state.raw<JournalState | null>(null);
  running = $state(false);
  report = $state.raw<CheckReport | null>(null);
  error = $state.raw<ApiError | null>(null);
  readonly #host: Pick<Host, 'call'>;

  constructor(host: Pick<Host, 'call'>) {
    this.#host = host;
  }

  async load(): Promise<void> {
    this.report = null;
    try {
      this.state = await this.#host.call('journal_state');
      this.error = null;
    } catch (thrown) {
      this.error = factsOf(thrown);
    }
  }

  async check(): Promise<void> {
    if (this.running) return;
    this.running = true;
    this.error = null;
    this.report = null;
    try {
      this.report = await this.#host.call('check');
    } catch (thrown) {
      this.error = factsOf(thrown);
    } finally {
      this.running = false;
    }
  }
}

/** Languages a new post can begin with. */
export const LANGUAGES: Lang[] = ['zh-Hans', 'zh-Hant', 'en'];

/** The two sides of a new post after one of them was chosen: never the same language twice. `null` leaves one side only. */
export function chosen(sides: Lang[], at: 0 | 1, lang: Lang | null): Lang[] {
  const [first = 'zh-Hans', second = null] = sides;
  const next =
    at === 0 ? [lang ?? first, second === lang ? first : second] : [first === lang ? (second ?? first) : first, lang];
  const [left, right] = next;
  return left == null ? [first] : right == null || right === left ? [left] : [left, right];
}
