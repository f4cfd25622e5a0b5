import { beforeEach, describe, expect, it } from 'vitest';
import type { Content } from '../../host/host';
import { MemoryHost } from '../../host/memory/memory';
import { HistoryScreen } from './history.svelte';

let host: MemoryHost;
let post: string;
let screen: HistoryScreen;

function content(body: string): Content {
  const moment = { at: 0, zone: 'UTC' };
  return { sides: { en: { title: '', body } }, attachments: [], cover: null, topics: [], moment, place: null };
}

async function write(body: string): Promise<void> {
  const view = await host.call('post_get', post);
  await host.call('draft_save', { post, base: view.revision, version: view.version, content: content(body) });
  await host.call('draft_seal', post);
}

beforeEach(async () => {
  host = new MemoryHost();
  post = host.addPost(content('one'));
  await host.call('draft_seal', post);
  await write('one two');
  await write('one two three');
  screen = new HistoryScreen(host, post);
  await screen.load();
});

const body = async () => (await host.call('post_get', post)).content.sides['en']?.body;

describe('the history of a post', () => {
  it('begins with what changed in the newest version', () => {
    expect(screen.versions.value).toHaveLength(3);
    expect(screen.selected).toBe(screen.newest);
    expect(screen.diff?.sides['en']?.body.some(({ kind }) => kind === 'added')).toBe(true);
  });

  it('lays an old version beside the newest', async () => {
    await screen.step(2);
    const oldest = screen.selected;
    await screen.lay('newest');
    expect([screen.diff?.from, screen.diff?.to]).toEqual([oldest, screen.newest]);
  });

  it('stops at the ends of the list', async () => {
    await screen.step(99);
    expect(screen.selected).toBe(screen.versions.value?.at(-1)?.id);
    await screen.step(-99);
    expect(screen.selected).toBe(screen.newest);
  });

  it('restores into a new version and loses none', async () => {
    await screen.step(2);
    expect(await screen.restore()).toBe(true);
    expect(await body()).toBe('one');
    expect(screen.versions.value).toHaveLength(4);
    expect([screen.selected === screen.newest, screen.entry?.origin]).toEqual([true, 'restore']);
  });

  it('does not restore what is newest already', async () => {
    expect(await screen.restore()).toBe(false);
    expect(screen.versions.value).toHaveLength(3);
  });

  it('says why a version could not be restored and changes nothing', async () => {
    await screen.step(2);
    host.failing.set('revision_restore', { code: 'disk_full' });
    expect(await screen.restore()).toBe(false);
    expect([screen.error?.code, await body(), screen.isRestoring]).toEqual(['disk_full', 'one two three', false]);
  });

  it('shows the version one stopped at, not the one that took longest', async () => {
    const ids = screen.versions.value?.map(({ id }) => id) ?? [];
    const call = host.call.bind(host);
    let slow: (() => void) | undefined;
    host.call = (async (name: never, input: { to?: string }) => {
      if (name === 'revision_diff' && input.to === ids[1]) await new Promise<void>((done) => (slow = done));
      return call(name, input as never);
    }) as typeof host.call;
    const first = screen.select(ids[1] ?? '');
    await screen.select(ids[2] ?? '');
    slow?.();
    await first;
    expect(screen.diff?.to).toBe(ids[2]);
  });
});
