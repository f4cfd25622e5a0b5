import { describe, expect, it } from 'vitest';
import { type Content, type Event, HostError, type Wanted } from '../host';
import { fill } from './fill';
import { MemoryHost } from './memory';

const content = (title: string): Content => ({
  sides: { en: { title, body: '' } },
  attachments: [],
  cover: null,
  topics: [],
  moment: { at: 0, zone: 'UTC' },
  place: null,
});

describe('the journal in memory', () => {
  it('coalesces saves of one sitting and begins a revision after a seal, as the core does', async () => {
    const host = new MemoryHost();
    const first = await host.call('draft_save', { post: null, base: null, version: null, content: content('a') });
    const again = { post: first.post, base: first.revision, version: first.version, content: content('ab') };
    const second = await host.call('draft_save', again);
    expect(second).toMatchObject({ revision: first.revision, version: 2, versions: 1, superseded: false });
    await host.call('draft_seal', first.post);
    const third = await host.call('draft_save', { ...again, version: 2, content: content('abc') });
    expect(third).toMatchObject({ versions: 2, superseded: false });
    const late = await host.call('draft_save', again);
    expect(late.superseded, 'a save from an old version says so').toBe(true);
  });

  it('keeps a deleted post in the bin', async () => {
    const host = new MemoryHost();
    const id = host.addPost(content('a'));
    await host.call('post_delete', id);
    expect(await host.call('counts')).toMatchObject({ posts: 0, bin: 1 });
    await host.call('post_undelete', id);
    expect(await host.call('counts')).toMatchObject({ posts: 1, bin: 0 });
  });

  it('sends when it is online and lets it wait when it is not', async () => {
    const host = new MemoryHost();
    const [post, feed] = [host.addPost(content('a')), host.addFeed('Blog', true)];
    host.online = false;
    const manner = { publish_at: null, warning: '', visibility: null };
    await host.call('post_send', { post, feed, wanted: 'published', manner });
    expect(await host.call('sync_now')).toMatchObject({ state: 'offline', waiting: 1, unreachable: ['Blog'] });
    host.online = true;
    expect(await host.call('sync_now')).toMatchObject({ state: 'all_sent', waiting: 0 });
  });

  it('sends nothing to a feed that is paused, and goes on when the user does', async () => {
    const host = new MemoryHost();
    const [post, feed] = [host.addPost(content('a')), host.addFeed('Blog', true)];
    host.addDelivery(post, feed, { state: 'queued' });
    const change = { id: feed, name: null, place: null, options: null };
    await host.call('feed_change', { ...change, enabled: false });
    expect(await host.call('sync_now')).toMatchObject({ state: 'paused', waiting: 0, paused: 1 });
    expect((await host.call('outbox')).pending).toMatchObject([{ state: 'queued', paused: true }]);
    await host.call('feed_change', { ...change, enabled: true });
    expect(await host.call('sync_now')).toMatchObject({ state: 'all_sent', paused: 0 });
  });

  it('says what parting with a feed leaves there', async () => {
    const host = new MemoryHost();
    const feed = host.addFeed('Blog', true);
    const add = (facts: Parameters<typeof host.addDelivery>[2], known?: Wanted) => {
      const post = host.addPost(content('a'));
      host.addDelivery(post, feed, { receipt: known ? host.receiptFor(post, known) : null, ...facts });
    };
    add({ state: 'synced' }, 'published');
    add({ state: 'synced', wanted: 'withdrawn' }, 'withdrawn');
    add({ state: 'queued', wanted: 'withdrawn' }, 'published');
    add({ state: 'queued' });
    expect(await host.call('feed_parting', feed)).toEqual({ there: 2, leaving: 1, waiting: 1 });
  });

  it('hands out copies only', async () => {
    const host = new MemoryHost();
    const id = host.addPost(content('a'));
    (await host.call('post_get', id)).content.topics.push('x');
    expect((await host.call('post_get', id)).content.topics).toEqual([]);
  });

  it('fails as it is told to', async () => {
    const host = new MemoryHost();
    host.failing.set('draft_save', { code: 'disk_full' });
    const save = host.call('draft_save', { post: null, base: null, version: null, content: content('a') });
    await expect(save).rejects.toThrow(HostError);
  });

  it('reports an import file by file', async () => {
    const host = new MemoryHost();
    const events: Event[] = [];
    host.on((event) => events.push(event));
    const report = await host.call('import_files', { paths: ['/a/海.jpg', '/a/missing.png', '/a/clip.mp4'] });
    expect(report.files.map(({ outcome }) => outcome)).toEqual(['added', 'failed', 'added']);
    expect(events.filter(({ event }) => event === 'import')).toHaveLength(3);
  });

  it('finds one Chinese character in its sample', async () => {
    const host = new MemoryHost();
    fill(host, 24);
    const filter = { drafts: false, photos: false, clips: false, needs: null, topic: null, feed: null, deleted: false };
    expect((await host.call('post_index', { ...filter, text: '湖' })).length).toBeGreaterThan(1);
    expect(await host.call('post_index', { ...filter, text: '鲸' })).toEqual([]);
  });
});
