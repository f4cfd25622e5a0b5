import { describe, expect, it } from 'vitest';
import type { DeliveryView } from '../host/host';
import { linkOf, percentOf, standing, standingLine } from './standing';

const NOW = Date.UTC(2025, 0, 12, 6, 30);
const manner = { publish_at: null, warning: '', visibility: null };

function delivery(facts: object): DeliveryView {
  const plain = { feed_name: 'My blog', wanted: 'published', manner, receipt: null, changed_since: false };
  return { ...plain, next_at: null, updated_at: NOW, ...facts } as DeliveryView;
}

const uploading = (bytes: number, total_bytes: number) =>
  delivery({ state: 'uploading', done: 1, total: 4, bytes, total_bytes }) as DeliveryView & { state: 'uploading' };
const receipt = { remote_id: '1841', url: null, known: 'draft', revision: 'r', version: 'v', confirmed_at: NOW - 1 };

describe('the line of a delivery', () => {
  it('says how many bytes of an upload left, or how many files where no bytes are counted', () => {
    expect(standingLine(uploading(7_100_000, 11_400_000), 4, NOW)).toBe('upload 62 %, 7.1 MB of 11.4 MB');
    expect(standingLine(uploading(0, 0), 4, NOW)).toBe('file 1 of 4');
  });

  it('never says that an upload is done before it is', () => {
    expect([percentOf(uploading(999, 1000)), percentOf(uploading(1000, 1000)), percentOf(uploading(0, 0))]).toEqual([
      99, 100, 0,
    ]);
  });

  it('names the file because of which a post does not leave', () => {
    const stuck = (file?: string) => standingLine(delivery({ state: 'needs_you', reason: 'too_large', file }), 1, NOW);
    expect([stuck('雨.mp4'), stuck()]).toEqual(['a file is too large for it: 雨.mp4', 'a file is too large for it']);
  });

  it('says when a lost answer is looked for, as long as that lies ahead', () => {
    const lost = (next_at: number | null) => standingLine(delivery({ state: 'unknown', next_at }), 0, NOW);
    expect(lost(NOW + 60_000)).toMatch(/next look at \d\d:\d\d$/);
    expect(lost(NOW - 1)).toBe('the answer was lost; checking before any retry');
  });

  it('names a draft by its number there, but not by a name that means nothing to people', () => {
    expect(standingLine(delivery({ state: 'synced', receipt }), 0, NOW)).toMatch(/^draft 1841, /);
    const long = { ...receipt, remote_id: '01929f6e-7c1a-7000' };
    expect(standingLine(delivery({ state: 'synced', receipt: long }), 0, NOW)).toMatch(/^draft, /);
  });

  it('calls a post published only when people can read it', () => {
    const later = { receipt: { ...receipt, known: 'published' }, manner: { ...manner, publish_at: NOW + 1000 } };
    expect(standing(delivery({ state: 'synced', ...later }), NOW).text).toBe('scheduled');
    expect(standing(delivery({ state: 'synced', ...later }), NOW + 2000).text).toBe('published');
  });
});

describe('the link of a delivery', () => {
  const there = { ...receipt, url: 'https://my-blog.example/1841', known: 'published' };

  it('leads to the post while it is there, and nowhere once it is gone or taken back', () => {
    expect(linkOf(delivery({ state: 'synced', receipt: there }))).toBe(there.url);
    expect(linkOf(delivery({ state: 'needs_you', reason: 'changed_there', receipt: there }))).toBe(there.url);
    expect(linkOf(delivery({ state: 'needs_you', reason: 'gone_there', receipt: there }))).toBeNull();
    expect(linkOf(delivery({ state: 'idle', receipt: { ...there, known: 'withdrawn' } }))).toBeNull();
    expect(linkOf(delivery({ state: 'queued' }))).toBeNull();
  });
});
