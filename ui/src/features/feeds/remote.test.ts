import { beforeEach, describe, expect, it, vi } from 'vitest';
import { fill } from '../../host/memory/fill';
import { MemoryHost } from '../../host/memory/memory';
import { network } from '../../host/memory/network';
import { leave, RemotePosts, remotePosts } from './remote.svelte';

let host: MemoryHost;
let there: RemotePosts;
let blog: string;

beforeEach(async () => {
  host = new MemoryHost();
  fill(host, 24);
  network(host);
  blog = [...host.feeds.values()].find(({ kind }) => kind === 'wordpress')?.id ?? '';
  there = new RemotePosts(host, blog);
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

  it('is asked for no more once the feed does not answer, and says why', async () => {
    const asked = vi.spyOn(host, 'call');
    there.toggleAll();
    const ended = there.bring();
    host.online = false;
    await ended;
    expect(asked, 'once in vain').toHaveBeenCalledTimes(2);
    const { report } = there;
    expect([report?.error?.code, report?.posts.length, report?.failed.length]).toEqual(['feed_unreachable', 1, 17]);
    expect(there.chosen.size, 'all of them can be asked for again').toBe(17);
    host.online = true;
    await there.bring();
    expect([there.report?.error, there.report?.posts.length]).toEqual([undefined, 16]);
  });

  it('goes on coming in when the screen is left, and what came of it waits', async () => {
    there = remotePosts(host, blog);
    await there.load();
    there.toggleAll();
    const ended = there.bring();
    leave(blog);
    await ended;
    expect(remotePosts(host, blog).report?.posts).toHaveLength(17);
    leave(blog);
    expect(remotePosts(host, blog).report, 'it was seen').toBeNull();
    leave(blog);
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
