import { Resource } from '../../app/resource.svelte';
import type { ApiError, ConflictPart, ConflictView, Event, Host, Resolve } from '../../host/host';
import { factsOf } from '../../host/host';

type Door = Pick<Host, 'call'>;
/** From where a part is taken. */
export type From = 'ours' | 'theirs';

/** Posts that were changed here and at a feed, and how the user brings one of them together. */
export class Conflicts {
  readonly list: Resource<ConflictView[]>;
  isWorking = $state(false);
  error = $state.raw<ApiError | null>(null);
  /** What was decided about came too late: the versions are others by now, and they are shown. */
  wasLate = $state(false);
  /** What was chosen, per conflict as it was seen and part; a part without a choice is taken from here. */
  #choices = $state.raw<{ [key: string]: From }>({});
  readonly #host: Door;

  constructor(host: Door) {
    this.#host = host;
    this.list = new Resource(() => host.call('conflicts'));
  }

  /** The conflict of a delivery. */
  find(post: string, feed: string): ConflictView | null {
    return this.list.value?.find((one) => one.post === post && one.feed === feed) ?? null;
  }

  onEvent(event: Event): void {
    if (event.event === 'outbox_changed' || event.event === 'posts_changed') void this.list.load();
  }

  chosen(conflict: ConflictView, part: ConflictPart): From {
    return this.#choices[keyOf(conflict, part)] ?? 'ours';
  }

  choose(conflict: ConflictView, part: ConflictPart, from: From): void {
    this.#choices = { ...this.#choices, [keyOf(conflict, part)]: from };
  }

  /** Merges what merges by itself and takes the rest as it was chosen. */
  use(conflict: ConflictView): Promise<boolean> {
    const theirs = conflict.parts
      .filter((part) => !part.merged && this.chosen(conflict, part) === 'theirs')
      .map(({ part, lang }) => ({ part, lang }));
    return this.resolve(conflict, { how: 'choose', theirs });
  }

  /** Answers whether it was done. When the versions are not those that were seen, nothing is done. */
  async resolve({ post, feed, ours, theirs }: ConflictView, resolve: Resolve): Promise<boolean> {
    this.isWorking = true;
    this.error = null;
    this.wasLate = false;
    try {
      await this.#host.call('conflict_resolve', { post, feed, ours, theirs, resolve });
      return true;
    } catch (thrown) {
      const facts = factsOf(thrown);
      if (facts.code === 'conflict_changed') this.wasLate = true;
      else this.error = facts;
      return false;
    } finally {
      // Until the list is read again, what stands there may be what was just decided about.
      await this.list.load();
      this.isWorking = false;
    }
  }

  /** Another conflict is looked at: what went wrong with the one before is not said of it. */
  turn(): void {
    this.error = null;
    this.wasLate = false;
  }
}

/** Choices are about these two versions; when one of them changes, they are made anew. */
function keyOf({ ours, theirs }: ConflictView, { part, lang }: ConflictPart): string {
  return `${ours}/${theirs}/${part}/${lang ?? ''}`;
}
