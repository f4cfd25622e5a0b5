import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Commands, Content, DraftInput, Host, PostView } from '../../host/host';
import { HostError } from '../../host/host';
import { Composer } from './composer.svelte';

const NOW = Date.UTC(2026, 10, 22, 8, 0);

/** A journal with at most one post, which can be changed from outside as a second window would. */
class OnePost {
  view: PostView | null = null;
  readonly saves: DraftInput[] = [];
  readonly sends: string[] = [];
  failing = false;
  /** Runs while `post_get` is on its way. */
  meanwhile: (() => Promise<void>) | null = null;

  call = (async (name: keyof Commands, input: unknown) => {
    await Promise.resolve();
    if (name === 'draft_save') return this.#save(input as DraftInput);
    if (name === 'post_get') return this.#get();
    if (name === 'preflight') return { location_removed: 0, attachments: 0, alt_complete: 0, clips: 0, blocked: [] };
    if (name === 'feed_list') return [];
    this.sends.push(name);
    return null;
  }) as unknown as Host['call'];

  put(body: string, revision: string, version = 1): void {
    const content: Content = {
      sides: { en: { title: '', body } },
      attachments: [],
      cover: null,
      topics: [],
      moment: { at: 5, zone: 'UTC' },
      place: null,
    };
    this.view = {
      id: 'p',
      revision,
      version,
      content,
      assets: {},
      created_at: 0,
      updated_at: 7,
      deleted_at: null,
      versions: 1,
      deliveries: [],
    };
  }

  async #get(): Promise<PostView> {
    const view = structuredClone(this.view);
    await this.meanwhile?.();
    if (!view) throw new HostError({ code: 'post_not_found' });
    return view;
  }

  #save(input: DraftInput) {
    if (this.failing) throw new HostError({ code: 'disk_full' });
    this.saves.push(structuredClone(input));
    const version = (input.version ?? 0) + 1;
    this.put(input.content.sides['en']?.body ?? '', 'r1', version);
    return { post: 'p', revision: 'r1', version, saved_at: NOW, versions: 1, superseded: false };
  }
}

let journal: OnePost;
let created: string[];
let composer: Composer;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  journal = new OnePost();
  created = [];
  composer = new Composer({
    host: { call: journal.call },
    languages: ['zh-Hans', 'en'],
    now: () => NOW,
    onCreated: (post) => created.push(post),
  });
});
afterEach(() => vi.useRealTimers());

const key = (lang: string) => composer.sides.list.find((side) => side.lang === lang)?.key ?? -1;
const body = (lang: string) => composer.sides.list.find((side) => side.lang === lang)?.body;
const settle = () => vi.advanceTimersByTimeAsync(1000);

describe('a new post', () => {
  it('has the usual languages and the present moment, and is nowhere yet', async () => {
    await composer.open(null);
    await settle();
    expect(composer.sides.langs).toEqual(['zh-Hans', 'en']);
    expect(composer.moment.at).toBe(NOW);
    expect(journal.saves).toEqual([]);
  });

  it('is made by the first letter and announced once', async () => {
    await composer.open(null);
    composer.sides.write(key('en'), { body: 'Rain' });
    await settle();
    composer.sides.write(key('en'), { body: 'Rain is' });
    await settle();
    expect(created).toEqual(['p']);
    expect(journal.saves.map((save) => [save.post, save.version])).toEqual([
      [null, null],
      ['p', 1],
    ]);
    expect(journal.saves[0]?.content.sides, 'the empty side is no side').toEqual({ en: { title: '', body: 'Rain' } });
  });

  it('does not leave when it could not be saved', async () => {
    await composer.open(null);
    journal.failing = true;
    composer.sides.write(key('en'), { body: 'Rain' });
    expect(await composer.send()).toBe(false);
    expect(journal.sends).toEqual([]);
    expect(composer.autosave.status.kind).toBe('failed');
  });
});

describe('an open post', () => {
  beforeEach(async () => {
    journal.put('Boats', 'r0');
    await composer.open('p');
  });

  it('offers the side that is still lacking', () => {
    expect(composer.sides.langs).toEqual(['zh-Hans', 'en']);
    expect(body('en')).toBe('Boats');
  });

  it('takes over a change made elsewhere when nothing is written here', async () => {
    journal.put('Boats on the lake', 'r9');
    composer.onEvent({ event: 'posts_changed', posts: ['p'] });
    await settle();
    expect(body('en')).toBe('Boats on the lake');
    expect([composer.tookOver, composer.edition]).toEqual([true, 2]);
  });

  it('is not replaced under the hands of the writer', async () => {
    journal.put('from elsewhere', 'r9');
    composer.sides.write(key('en'), { body: 'Boats, many' });
    composer.onEvent({ event: 'posts_changed', posts: ['p'] });
    await vi.advanceTimersByTimeAsync(100);
    expect(body('en')).toBe('Boats, many');
    await settle();
    expect(journal.saves.at(-1)?.base, 'the journal learns what the writer had seen').toBe('r0');
  });

  it('is not replaced in the middle of a composition', async () => {
    journal.put('from elsewhere', 'r9');
    composer.isComposing = true;
    composer.onEvent({ event: 'posts_changed', posts: [] });
    await settle();
    expect(body('en')).toBe('Boats');
  });

  it('does not take an answer that its own save overtook', async () => {
    journal.meanwhile = async () => {
      journal.meanwhile = null;
      composer.sides.write(key('en'), { body: 'Boats again' });
      await composer.autosave.flush();
    };
    composer.onEvent({ event: 'posts_changed', posts: ['p'] });
    await settle();
    expect([body('en'), composer.tookOver]).toEqual(['Boats again', false]);
  });

  it('knows how it stands at the feeds before it decides what is sent, also while that is being read', async () => {
    let read = (): void => undefined;
    journal.meanwhile = () => new Promise((done) => (read = done));
    composer.onEvent({ event: 'posts_changed', posts: ['p'] });
    await vi.advanceTimersByTimeAsync(0);
    const sends = vi.spyOn(composer.destinations, 'send');
    const sent = composer.send();
    await vi.advanceTimersByTimeAsync(100);
    expect(sends).not.toHaveBeenCalled();
    journal.meanwhile = null;
    read();
    await sent;
    expect(sends).toHaveBeenCalledOnce();
  });

  it('does not mistake the echo of its own save for a change', async () => {
    composer.sides.write(key('en'), { body: 'Boats!' });
    await settle();
    composer.onEvent({ event: 'posts_changed', posts: ['p'] });
    await settle();
    expect([composer.tookOver, composer.edition]).toEqual([false, 1]);
  });

  it('goes into the bin with everything that was written', async () => {
    composer.sides.write(key('en'), { body: 'Boats, last words' });
    await composer.delete();
    expect(journal.saves.at(-1)?.content.sides['en']?.body).toBe('Boats, last words');
    expect([journal.sends, composer.isDeleted]).toEqual([['post_delete'], true]);
  });

  it('has every topic once and without a hash', () => {
    expect(['#奶茶', ' tea ', '＃奶茶', '  '].map((topic) => composer.addTopic(topic))).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(composer.topics).toEqual(['奶茶', 'tea']);
  });

  it('refuses a language that is none or that is there already', () => {
    composer.setLang(key('en'), 'not a tag');
    composer.setLang(key('en'), 'zh-hans');
    expect(composer.sides.langs).toEqual(['zh-Hans', 'en']);
    composer.setLang(key('zh-Hans'), 'zh-hant');
    expect(composer.sides.langs).toEqual(['zh-Hant', 'en']);
  });
});
