import { describe, expect, it, vi } from 'vitest';
import type { Content } from '../../host/host';
import { MemoryHost } from '../../host/memory/memory';
import { Journal } from './journal.svelte';
import { sameDay } from './onthisday';

const NOW = Date.UTC(2025, 0, 12, 6);

const content = (title: string, at: number, zone = 'Asia/Shanghai'): Content => ({
  sides: { 'zh-Hans': { title, body: '' } },
  attachments: [],
  cover: null,
  topics: [],
  moment: { at, zone },
  place: null,
});

describe('the journal', () => {
  it('shows what fits the filter', async () => {
    const host = new MemoryHost();
    host.addPost(content('湖边的小船', NOW));
    host.addPost(content('放风筝', NOW));
    const journal = new Journal(host, () => NOW);
    await journal.load();
    expect(journal.index).toHaveLength(2);
    await journal.show({ text: '湖' });
    expect(journal.index).toHaveLength(1);
    expect(journal.filtered).toBe(true);
  });

  it('heeds only the answer to its last question', async () => {
    const host = new MemoryHost();
    host.addPost(content('湖', NOW));
    const journal = new Journal(host, () => NOW);
    let answerFirst = (): void => undefined;
    const call = host.call.bind(host);
    vi.spyOn(host, 'call').mockImplementationOnce(async () => {
      await new Promise<void>((done) => (answerFirst = done));
      return [];
    });
    const first = journal.show({ text: 'slow' });
    vi.mocked(host.call).mockImplementation(call);
    await journal.show({ text: '湖' });
    answerFirst();
    await first;
    expect(journal.index, 'the slow answer came last and is not shown').toHaveLength(1);
  });

  it('says why it cannot show anything, and recovers', async () => {
    const host = new MemoryHost();
    host.failing.set('post_index', { code: 'io' });
    const journal = new Journal(host, () => NOW);
    await journal.load();
    expect(journal).toMatchObject({ phase: 'failed', error: { code: 'io' } });
    host.failing.clear();
    await journal.load();
    expect(journal).toMatchObject({ phase: 'ready', error: null });
  });

  it('asks for nothing while nobody looks, and once when somebody does again', async () => {
    vi.useFakeTimers();
    const host = new MemoryHost();
    const journal = new Journal(host, () => NOW);
    host.on((event) => journal.hear(event));
    await journal.load();
    const asked = vi.spyOn(host, 'call');
    host.addPost(content('湖', NOW));
    for (let n = 0; n < 9; n += 1) host.emit({ event: 'posts_changed', posts: [] });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(asked, 'autosave in the editor must not read the whole index each second').not.toHaveBeenCalled();
    const stop = journal.watch();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(asked).toHaveBeenCalledOnce();
    expect(journal.index).toHaveLength(1);
    stop();
    vi.useRealTimers();
  });

  it('remembers this day of earlier years', async () => {
    const host = new MemoryHost();
    host.addPost(content('一年前', Date.UTC(2024, 0, 12, 3)));
    host.addPost(content('昨天的一年前', Date.UTC(2024, 0, 11, 3)));
    host.addPost(content('今天', NOW));
    const journal = new Journal(host, () => NOW);
    await journal.load();
    expect(journal.onThisDay?.card.titles).toEqual({ 'zh-Hans': '一年前' });
    expect(journal.onThisDay?.count).toBe(1);
  });

  it('takes the day from the wall where the post was lived', () => {
    // 23:30 on the 11th in UTC is the morning of the 12th in Shanghai.
    const at = Date.UTC(2024, 0, 11, 23, 30);
    expect(sameDay({ at, zone: 'Asia/Shanghai' }, NOW)).toBe(true);
    expect(sameDay({ at, zone: 'UTC' }, NOW)).toBe(false);
  });
});
