import { beforeEach, describe, expect, it } from 'vitest';
import { fill } from '../../host/memory/fill';
import { MemoryHost } from '../../host/memory/memory';
import { network } from '../../host/memory/network';
import { RemotePosts } from './remote.svelte';

let host: MemoryHost;
let there: RemotePosts;

beforeEach(async () => {
  host = new MemoryHost();
  fill(host, 24);
  network(host);
  const blog = [...host.feeds.values()].find(({ kind }) => kind === 'wordpress');
  there = new RemotePosts(host, blog?.id ?? '');
  await there.load();
});

describe('what lies at a feed', () => {
  it('is listed page by page until there is no more', async () => {
    const [first] = [there.items.length];
    while (there.next !== null) await there.load();
    expect([first, there.items.length]).toEqual([20, 46]);
  });

  it('can be chosen except what is in the journal already', () => {
    there.toggleAll();
    expect(there.isAllChosen).toBe(true);
    expect(there.chosen.size).toBe(18);
    there.toggleAll();
    expect(there.chosen.size).toBe(0);
  });

  it('is brought into the journal, and what failed stays chosen', async () => {
    const before = host.posts.size;
    there.toggleAll();
    await there.bring();
    expect(there.report).toMatchObject({ failed: ['broken-7'] });
    expect(host.posts.size - before).toBe(17);
    expect([...there.chosen]).toEqual(['broken-7']);
    expect(there.progress).toBeNull();
  });

  it('stops when that is asked for and keeps what is done', async () => {
    there.toggleAll();
    const ended = there.bring();
    there.stop();
    await ended;
    expect(there.report?.posts).toHaveLength(1);
    expect(there.items.filter(({ post }) => post !== null)).toHaveLength(3);
  });

  it('that cannot be read says why and can be asked for again', async () => {
    host.online = false;
    await there.load();
    expect(there.error?.code).toBe('feed_unreachable');
    host.online = true;
    await there.load();
    expect([there.error, there.items.length]).toEqual([null, 40]);
  });
});
