import { beforeEach, describe, expect, it } from 'vitest';
import type { Content } from '../../host/host';
import { MemoryHost } from '../../host/memory/memory';
import { PostScreen } from './post.svelte';

let host: MemoryHost;
let screen: PostScreen;
let ids: string[];

beforeEach(async () => {
  host = new MemoryHost();
  ids = [
    host.addAsset({ kind: 'photo' }),
    host.addAsset({ kind: 'clip', duration_ms: 12_000 }),
    host.addAsset({ kind: 'photo', has_picture: false, problem: 'truncated' }),
    host.addAsset({ kind: 'photo' }),
  ];
  const content: Content = {
    sides: { en: { title: 'Boats', body: 'x' }, 'zh-Hans': { title: '小船', body: '' } },
    attachments: ids.map((asset, at) => ({
      asset,
      name: `${at}.jpg`,
      alt: at === 0 ? { en: 'boats', 'zh-Hans': '船' } : {},
    })),
    cover: ids[3] ?? null,
    topics: [],
    moment: { at: 0, zone: 'UTC' },
    place: null,
  };
  screen = new PostScreen(host, host.addPost(content));
  await screen.post.load();
});

describe('a post as it reads', () => {
  it('begins with its cover and shows every attachment once', () => {
    expect(screen.photos.map(({ name }) => name)).toEqual(['3.jpg', '0.jpg']);
    expect(screen.clips.map(({ name }) => name)).toEqual(['1.jpg']);
    expect(
      screen.files.map(({ name }) => name),
      'a photo without a picture is a file',
    ).toEqual(['2.jpg']);
  });

  it('is called by its titles, Chinese first', () => {
    expect(screen.title).toBe('小船 · Boats');
    expect(screen.photos[1]?.alts.map(({ text }) => text)).toEqual(['船', 'boats']);
  });

  it('comes back from the bin', async () => {
    await screen.delete();
    await screen.post.load();
    expect(screen.post.value?.deleted_at).not.toBeNull();
    await screen.undelete();
    await screen.post.load();
    expect(screen.post.value?.deleted_at).toBeNull();
  });

  it('that does not exist is said to be gone', async () => {
    const gone = new PostScreen(host, 'nowhere');
    await gone.post.load();
    expect(gone.post.error?.code).toBe('post_not_found');
  });
});
