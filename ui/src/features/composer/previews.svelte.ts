import type { ApiError, FeedId, Host, Manner, PostId, PostPreview, Wanted } from '../../host/host';
import { factsOf } from '../../host/host';

type Door = Pick<Host, 'call'>;

interface Going {
  feed: { id: FeedId };
  on: boolean;
  form: Wanted;
  manner: Manner;
}

/** What would be made of the post for each feed that it goes to, as the journal itself makes it. Nothing is counted twice here. */
export class Previews {
  of = $state.raw<{ [feed: FeedId]: PostPreview }>({});
  /** Why there is none for a feed. */
  errors = $state.raw<{ [feed: FeedId]: ApiError }>({});
  readonly #host: Door;
  #asked = 0;

  constructor(host: Door) {
    this.#host = host;
  }

  /** Asks for all of them. An answer that a newer question overtook is not shown. */
  async load(post: PostId, destinations: readonly Going[]): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    const previews: { [feed: FeedId]: PostPreview } = {};
    const errors: { [feed: FeedId]: ApiError } = {};
    const going = destinations.filter(({ on }) => on);
    await Promise.all(
      going.map(async ({ feed, form, manner }) => {
        try {
          previews[feed.id] = await this.#host.call('post_preview', { post, feed: feed.id, manner, wanted: form });
        } catch (thrown) {
          errors[feed.id] = factsOf(thrown);
        }
      }),
    );
    if (asked === this.#asked) Object.assign(this, { of: previews, errors });
  }
}
