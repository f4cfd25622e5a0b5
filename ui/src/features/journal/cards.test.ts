import { describe, expect, it, vi } from 'vitest';
import type { Content } from '../../host/host';
import { MemoryHost } from '../../host/memory/memory';
import { Cards } from './cards.svelte';

const content = (title: string): Content => ({
  sides: { en: { title, body: '' } },
  attachments: [],
  cover: null,
  topics: [],
  moment: { at: 0, zone: 'UTC' },
  place: null,
});

function journal(posts: number) {
  const host = new MemoryHost();
  const ids = Array.from({ length: posts }, (_, n) => host.addPost(content(`post ${n}`)));
  return { host, ids, calls: vi.spyOn(host, 'call'), cards: new Cards(host) };
}

describe('cards', () => {
  it('are read in batches and once', async () => {
    const { ids, calls, cards } = journal(100);
    cards.want(ids);
    cards.want(ids);
    await vi.waitFor(() => expect(cards.get(ids[99] ?? '')).toBeDefined());
    expect(calls.mock.calls.map(([, input]) => (input as string[]).length)).toEqual([48, 48, 4]);
    cards.want(ids);
    await Promise.resolve();
    expect(calls, 'what is known is not read again').toHaveBeenCalledTimes(3);
  });

  it('that scrolled away before they were asked for are not read', async () => {
    const { ids, calls, cards } = journal(100);
    cards.want(ids.slice(0, 60));
    cards.want(ids.slice(90));
    await vi.waitFor(() => expect(cards.get(ids[99] ?? '')).toBeDefined());
    expect(calls.mock.calls.flatMap(([, input]) => input as string[])).toEqual(ids.slice(90));
  });

  it('are forgotten when there are very many', async () => {
    const { ids, cards } = journal(1600);
    cards.want(ids);
    await vi.waitFor(() => expect(cards.get(ids[1599] ?? '')).toBeDefined());
    expect(ids.filter((id) => cards.get(id)).length).toBe(1500);
    expect(cards.get(ids[0] ?? '')).toBeUndefined();
  });

  it('follow a change, and go when their post is gone', async () => {
    const { host, ids, cards } = journal(2);
    const [kept = '', gone = ''] = ids;
    cards.want(ids);
    await vi.waitFor(() => expect(cards.get(gone)).toBeDefined());
    const { revision, version } = await host.call('post_get', kept);
    await host.call('draft_save', { post: kept, base: revision, version, content: content('new words') });
    host.posts.delete(gone);
    cards.refresh([]);
    expect(cards.get(kept)?.titles, 'shown as it was until it is read').toEqual({ en: 'post 0' });
    await vi.waitFor(() => expect(cards.get(kept)?.titles).toEqual({ en: 'new words' }));
    expect(cards.get(gone)).toBeUndefined();
  });

  it('far from the window are forgotten when any may have changed, not read again', async () => {
    const { ids, calls, cards } = journal(100);
    cards.want(ids);
    await vi.waitFor(() => expect(cards.get(ids[99] ?? '')).toBeDefined());
    cards.want(ids.slice(0, 10));
    calls.mockClear();
    for (let n = 0; n < 20; n += 1) cards.refresh([]);
    await vi.waitFor(() => expect(calls).toHaveBeenCalledOnce());
    expect(calls.mock.calls[0]?.[1]).toEqual(ids.slice(0, 10));
    expect(cards.get(ids[50] ?? '')).toBeUndefined();
  });

  it('are asked for again after a failure', async () => {
    const { host, ids, cards } = journal(1);
    host.failing.set('post_cards', { code: 'io' });
    cards.want(ids);
    await new Promise((done) => setTimeout(done));
    host.failing.clear();
    cards.want(ids);
    await vi.waitFor(() => expect(cards.get(ids[0] ?? '')).toBeDefined());
  });
});
