import { Resource } from '../../app/resource.svelte';
import type { AssetView, Event, Host, PostId, PostView } from '../../host/host';
import { texts, type Text } from '../../text/lang';

type Door = Pick<Host, 'call'>;

/** An attachment with everything that is needed to show it. */
export interface Shown {
  facts: AssetView;
  name: string;
  /** What it shows, per language that says it. */
  alts: Text[];
}

/** A post as it reads. */
export class PostScreen {
  readonly post: Resource<PostView>;
  readonly id: PostId;
  readonly #host: Door;

  constructor(host: Door, id: PostId) {
    this.#host = host;
    this.id = id;
    this.post = new Resource(() => host.call('post_get', id));
  }

  /** The media in their order, the chosen cover first. */
  readonly media: Shown[] = $derived.by(() => {
    const view = this.post.value;
    if (!view) return [];
    const shown = view.content.attachments.flatMap(({ asset, name, alt }) => {
      const facts = view.assets[asset];
      return facts ? [{ facts, name, alts: texts(alt) }] : [];
    });
    const cover = shown.filter(({ facts }) => facts.id === view.content.cover);
    return [...cover, ...shown.filter(({ facts }) => facts.id !== view.content.cover)];
  });

  readonly photos: Shown[] = $derived.by(() => this.media.filter(({ facts }) => isPhoto(facts)));
  readonly clips: Shown[] = $derived.by(() => this.media.filter(({ facts }) => facts.kind === 'clip'));
  readonly files: Shown[] = $derived.by(() =>
    this.media.filter(({ facts }) => facts.kind !== 'clip' && !isPhoto(facts)),
  );
  readonly title: string = $derived.by(() => {
    const sides = Object.entries(this.post.value?.content.sides ?? {});
    return texts(Object.fromEntries(sides.map(([lang, side]) => [lang, side.title])))
      .map(({ text }) => text)
      .join(' · ');
  });

  onEvent(event: Event): void {
    const concernsUs =
      (event.event === 'posts_changed' && (event.posts.length === 0 || event.posts.includes(this.id))) ||
      (event.event === 'asset_ready' && this.post.value !== null && event.asset in this.post.value.assets) ||
      event.event === 'outbox_changed';
    if (concernsUs) void this.post.load();
  }

  async delete(): Promise<void> {
    await this.#host.call('post_delete', this.id);
  }

  async undelete(): Promise<void> {
    await this.#host.call('post_undelete', this.id);
  }
}

/** A photo that can be shown; any other is a file with its reason. */
function isPhoto(facts: AssetView): boolean {
  return facts.kind === 'photo' && (facts.has_picture || facts.problem === null);
}
