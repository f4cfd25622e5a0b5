import { beforeEach, describe, expect, it } from 'vitest';
import type { ApiError } from '../../host/host';
import { MemoryHost } from '../../host/memory/memory';
import { webAddress } from '../../text/address';
import { Feeds } from './feeds.svelte';

let host: MemoryHost;
let feeds: Feeds;
let id: string;

beforeEach(async () => {
  host = new MemoryHost();
  id = host.addFeed('Notes', false);
  feeds = new Feeds(host);
  await feeds.list.load();
});

describe('the feeds', () => {
  it('are changed one thing at a time and keep the rest', async () => {
    const feed = feeds.find(id);
    if (!feed) throw new Error('the feed is there');
    await feeds.change(id, { enabled: true });
    await feeds.setOptions(feed, { author: '梅' });
    expect(feeds.find(id)).toMatchObject({ name: 'Notes', enabled: true, options: { author: '梅', place: false } });
  });

  it('show what they were when a change was refused, and why', async () => {
    const refusal: ApiError = { code: 'feed_exists', subject: '/notes' };
    host.failing.set('feed_change', refusal);
    expect(await feeds.change(id, { place: '/notes' })).toBe(false);
    expect([feeds.error, feeds.doing]).toEqual([refusal, null]);
    expect(feeds.find(id)?.place).toBe('/home/mei/Notes');
  });

  it('tell what a test found, also when it found nothing good', async () => {
    host.online = false;
    await feeds.test(id);
    expect([feeds.tested, feeds.find(id)?.health]).toEqual([id, 'unreachable']);
    host.online = true;
    await feeds.test(id);
    expect(feeds.find(id)?.health).toBe('reachable');
  });

  it('do not call a test passed that could not be made', async () => {
    host.failing.set('feed_test', { code: 'io' });
    await feeds.test(id);
    expect([feeds.tested, feeds.error]).toEqual([null, { code: 'io' }]);
  });

  it('are gone from the list when they were removed', async () => {
    await feeds.remove(id);
    expect(feeds.find(id)).toBeNull();
  });
});

describe('an address on the web', () => {
  it.each(['https://example.org/notes/', 'http://localhost:8080/'])('is %s', (text) => {
    expect(webAddress(` ${text} `)).toBe(text);
  });

  it.each(['', 'example.org', 'ftp://example.org', 'javascript:alert(1)'])('is not %j', (text) => {
    expect(webAddress(text)).toBeNull();
  });
});
