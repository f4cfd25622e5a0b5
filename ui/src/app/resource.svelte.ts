import { type ApiError, factsOf } from '../host/host';

/**
 * Something a screen shows, read from the journal and read again when the journal says that it changed. Readings do not
 * overlap: news that come during one lead to one more, and an answer is never older than the one before it.
 */
export class Resource<T> {
  value = $state.raw<T | null>(null);
  /** Why the last reading failed; what was read before stays on the screen. */
  error = $state.raw<ApiError | null>(null);
  readonly #read: () => Promise<T>;
  #reading: Promise<void> | null = null;
  #again = false;

  constructor(read: () => Promise<T>) {
    this.#read = read;
  }

  load = (): Promise<void> => {
    this.#again = this.#reading !== null;
    this.#reading ??= this.#readAll().finally(() => (this.#reading = null));
    return this.#reading;
  };

  async #readAll(): Promise<void> {
    do {
      this.#again = false;
      try {
        this.value = await this.#read();
        this.error = null;
      } catch (thrown) {
        this.error = factsOf(thrown);
      }
    } while (this.#again);
  }
}
