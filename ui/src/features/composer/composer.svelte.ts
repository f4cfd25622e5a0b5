import type {
  ApiError,
  AssetView,
  Content,
  Event,
  FeedId,
  Host,
  Lang,
  Moment,
  Place,
  PostId,
  PostView,
  Preflight,
} from '../../host/host';
import { factsOf } from '../../host/host';
import { Autosave } from './autosave.svelte';
import { Destinations } from './destinations.svelte';
import { Media } from './media.svelte';
import { Previews } from './previews.svelte';
import { Sides } from './sides.svelte';
import { here } from './wall';

type Door = Pick<Host, 'call'>;

interface Surroundings {
  host: Door;
  /** Languages a new post begins with. */
  languages: readonly Lang[];
  now: () => number;
  /** A new post got its id. */
  onCreated: (post: PostId) => void;
}

/**
 * One post being written. Holds everything the editor shows; the text fields write into it and are never written to, except
 * when the whole post is taken over from elsewhere ({@link Composer.edition} counts that).
 */
export class Composer {
  readonly sides: Sides;
  readonly media: Media;
  readonly destinations: Destinations;
  readonly autosave: Autosave;
  readonly previews: Previews;
  topics = $state<string[]>([]);
  moment = $state.raw<Moment>({ at: 0, zone: 'UTC' });
  place = $state.raw<Place | null>(null);
  preflight = $state.raw<Preflight | null>(null);
  /** Why the post is not here: it could not be read. */
  error = $state.raw<ApiError | null>(null);
  isLoading = $state(false);
  isDeleted = $state(false);
  /** Goes up when the text was replaced as a whole and the fields must be made again. */
  edition = $state(0);
  /** A change made elsewhere was taken over, because nothing was being written here. */
  tookOver = $state(false);
  isComposing = false;

  readonly #around: Surroundings;
  #isKnown = false;
  #refreshing: Promise<void> | null = null;
  #again = false;

  constructor(around: Surroundings) {
    this.#around = around;
    const touch = () => this.autosave.touch();
    this.sides = new Sides(touch);
    this.media = new Media(around.host, touch);
    this.destinations = new Destinations(around.host, () => this.isChanging);
    this.previews = new Previews(around.host);
    this.autosave = new Autosave(
      (input) => around.host.call('draft_save', input),
      { read: () => this.content(), isBlank: () => this.isBlank },
      (saved) => this.#saved(saved.post),
    );
  }

  get post(): PostId | null {
    return this.autosave.base?.post ?? null;
  }

  get isBlank(): boolean {
    return this.sides.isBlank && this.media.items.length === 0 && this.topics.length === 0 && this.place === null;
  }

  /** Whether something was written that the journal does not have yet. */
  get isChanging(): boolean {
    return this.autosave.status.kind !== 'saved' && this.autosave.status.kind !== 'untouched';
  }

  /** What the post says now, free of any proxy. */
  content(): Content {
    return {
      sides: this.sides.snapshot(),
      attachments: this.media.snapshot(),
      cover: this.media.chosenCover,
      topics: $state.snapshot(this.topics),
      moment: this.moment,
      place: this.place,
    };
  }

  /** Opens a post, or begins a new one. */
  async open(post: PostId | null): Promise<void> {
    this.error = null;
    void this.destinations.load().catch((thrown) => (this.error ??= factsOf(thrown)));
    if (post === null) return this.#blank();
    this.isLoading = true;
    try {
      this.#take(await this.#around.host.call('post_get', post));
      void this.#check();
    } catch (thrown) {
      this.error = factsOf(thrown);
    } finally {
      this.isLoading = false;
    }
  }

  /** Takes a topic; answers false when there is nothing to take. */
  addTopic(text: string): boolean {
    const topic = text
      .trim()
      .replace(/^[#＃]+/u, '')
      .trim();
    if (topic === '') return false;
    if (!this.topics.includes(topic)) this.#change(() => this.topics.push(topic));
    return true;
  }

  removeTopic(topic: string): void {
    this.#change(() => (this.topics = this.topics.filter((each) => each !== topic)));
  }

  setMoment(moment: Moment): void {
    this.#change(() => (this.moment = moment));
  }

  setPlace(place: Place | null): void {
    this.#change(() => (this.place = place));
  }

  setLang(key: number, lang: Lang): void {
    const before = this.sides.list.find((side) => side.key === key)?.lang;
    this.sides.setLang(key, lang);
    const after = this.sides.list.find((side) => side.key === key)?.lang;
    if (before !== undefined && after !== undefined && before !== after) this.media.renameLang(before, after);
  }

  /** The first photo that knows when (or where) it was taken and says something else than the post. */
  get proposedMoment(): Moment | null {
    const taken = this.#firstFact((facts) => facts.taken);
    return taken && taken.at !== this.moment.at ? taken : null;
  }

  get proposedPlace(): AssetView['point'] {
    return this.place === null ? this.#firstFact((facts) => facts.point) : null;
  }

  /** Saves everything and hands it to the chosen feeds. Answers false when it could not be saved: then nothing leaves. */
  async send(): Promise<boolean> {
    if (this.isBlank || !(await this.autosave.flush()) || this.post === null) return false;
    await this.#refresh();
    await this.destinations.send(this.post);
    return true;
  }

  toggle(feed: FeedId, on: boolean): Promise<void> {
    return this.destinations.toggle(feed, on, this.post);
  }

  async withdraw(feed: FeedId): Promise<void> {
    if (this.post !== null) await this.destinations.withdraw(this.post, feed);
  }

  /** Puts the post into the bin. What is not saved yet is saved before, so that undo brings it back too. */
  async delete(): Promise<void> {
    if (!(await this.autosave.flush())) return;
    if (this.post !== null) await this.#around.host.call('post_delete', this.post);
    this.autosave.close();
    this.isDeleted = true;
  }

  /** Before another version is compared or taken: what is written is durable, and the sitting is over. */
  async seal(): Promise<void> {
    if ((await this.autosave.flush()) && this.post !== null) await this.#around.host.call('draft_seal', this.post);
  }

  onEvent(event: Event): void {
    this.media.onEvent(event);
    if (event.event === 'feeds_changed') void this.destinations.load().catch(() => {});
    const concernsUs =
      event.event === 'posts_changed' && (event.posts.length === 0 || event.posts.includes(this.post ?? ''));
    if (concernsUs || event.event === 'outbox_changed') void this.#refresh();
  }

  #blank(): void {
    this.sides.begin({}, this.#around.languages);
    this.moment = { at: this.#around.now(), zone: here() };
  }

  #take(view: PostView): void {
    const { content } = view;
    this.#isKnown = true;
    this.sides.begin(content.sides, this.#around.languages);
    this.media.begin(content.attachments, content.cover, view.assets);
    this.topics = [...content.topics];
    this.moment = content.moment;
    this.place = content.place;
    this.destinations.deliveries = view.deliveries;
    this.autosave.begin(
      { post: view.id, revision: view.revision, version: view.version },
      view.versions,
      view.updated_at,
    );
    this.edition += 1;
  }

  #change(change: () => void): void {
    change();
    this.autosave.touch();
  }

  #saved(post: PostId): void {
    if (!this.#isKnown) this.#around.onCreated(post);
    this.#isKnown = true;
    void this.#check();
  }

  /** What would be made of the post, as it is saved, for every feed that it goes to. */
  async preview(): Promise<void> {
    if (this.post !== null) await this.previews.load(this.post, this.destinations.list);
  }

  async #check(): Promise<void> {
    if (this.post === null) return;
    void this.preview();
    // Only looks: when it cannot, the panel keeps what it knew and sending says what is wrong.
    await this.#around.host.call('preflight', this.post).then(
      (preflight) => (this.preflight = preflight),
      () => {},
    );
  }

  /** Learns what the journal knows of the post now. One at a time; news that comes meanwhile is looked at once more. */
  #refresh(): Promise<void> {
    const { post } = this;
    if (post === null || this.isDeleted) return Promise.resolve();
    this.#again = this.#refreshing !== null;
    this.#refreshing ??= this.#look(post);
    return this.#refreshing;
  }

  async #look(post: PostId): Promise<void> {
    try {
      do {
        this.#again = false;
        const { base } = this.autosave;
        const view = await this.#around.host.call('post_get', post);
        // An answer that a save of ours overtook is old news; taking it over would undo what was written.
        if (this.autosave.base === base) this.#learn(view);
        else this.#again = true;
      } while (this.#again);
    } catch (thrown) {
      if (factsOf(thrown).code === 'post_not_found') this.isDeleted = true;
    } finally {
      this.#refreshing = null;
    }
  }

  #learn(view: PostView): void {
    this.destinations.deliveries = view.deliveries;
    this.isDeleted = view.deleted_at !== null;
    const { base, isDirty, isSaving } = this.autosave;
    const isOurs = base?.revision === view.revision && view.version <= base.version;
    // While something is written or composed here the next save tells the journal its base, and the journal tells us.
    if (isOurs || isDirty || isSaving || this.isComposing) return;
    this.#take(view);
    this.tookOver = true;
  }

  #firstFact<T>(fact: (facts: AssetView) => T | null): T | null {
    for (const { asset } of this.media.items) {
      const facts = this.media.facts[asset];
      const found = facts ? fact(facts) : null;
      if (found !== null) return found;
    }
    return null;
  }
}
