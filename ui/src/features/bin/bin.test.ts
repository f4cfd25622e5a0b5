import { describe, expect, it } from 'vitest';
import type { Content } from '../../host/host';
import { MemoryHost } from '../../host/memory/memory';
import { Bin } from './bin.svelte';

const content = (title: string): Content => ({
  sides: { en: { title, body: '' } },
  attachments: [],
  cover: null,
  topics: [],
  moment: { at: 0, zone: 'UTC' },
  place: null,
});

describe('the bin', () => {
  it('holds what was deleted and gives it back', async () => {
    const host = new MemoryHost();
    const [kept, deleted] = [host.addPost(content('kept')), host.addPost(content('deleted'))];
    await host.call('post_delete', deleted);
    const bin = new Bin(host);
    await bin.load();
    expect(bin.cards.map(({ id }) => id)).toEqual([deleted]);
    await bin.restore(deleted);
    expect(bin.cards).toEqual([]);
    expect(host.posts.get(deleted)?.deleted_at).toBeNull();
    expect(host.posts.get(kept)?.deleted_at).toBeNull();
  });

  it('is read a hundred at a time', async () => {
    const host = new MemoryHost();
    for (let n = 0; n < 150; n += 1) await host.call('post_delete', host.addPost(content(`${n}`)));
    const bin = new Bin(host);
    await bin.load();
    expect([bin.cards.length, bin.hasMore]).toEqual([100, true]);
    await bin.more();
    expect([bin.cards.length, bin.hasMore]).toEqual([150, false]);
  });

  it('keeps showing a post whose restoring failed', async () => {
    const host = new MemoryHost();
    const id = host.addPost(content('a'));
    await host.call('post_delete', id);
    const bin = new Bin(host);
    await bin.load();
    host.failing.set('post_undelete', { code: 'disk_full' });
    await expect(bin.restore(id)).rejects.toMatchObject({ code: 'disk_full' });
    expect(bin.cards).toHaveLength(1);
  });
});
