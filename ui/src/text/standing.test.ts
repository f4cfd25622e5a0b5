import { describe, expect, it } from 'vitest';
import type { DeliveryView, NeedsYou } from '../host/host';
import { linkOf, percentOf, reasonOf, standing, standingLine, wayOf } from './standing';

const NOW = Date.UTC(2025, 0, 12, 6, 30);
const manner = { publish_at: null, warning: '', visibility: null };

function delivery(facts: object): DeliveryView {
  const plain = {
    feed_name: 'My blog',
    paused: false,
    wanted: 'published',
    manner,
    receipt: null,
    from_there: false,
    changed_since: false,
  };
  return { ...plain, next_at: null, updated_at: NOW, ...facts } as DeliveryView;
}

const uploading = (bytes: number, total_bytes: number) =>
  delivery({ state: 'uploading', done: 1, total: 4, bytes, total_bytes }) as DeliveryView & { state: 'uploading' };
const receipt = { remote_id: '1841', url: null, known: 'draft', revision: 'r', version: 'v', confirmed_at: NOW - 1 };

describe('the line of a delivery', () => {
  it('says how many bytes of an upload left, or how many files where no bytes are counted', () => {
    expect(standingLine(uploading(7_100_000, 11_400_000), NOW)).toBe('upload 62 %, 7.1 MB of 11.4 MB');
    expect(standingLine(uploading(0, 0), NOW)).toBe('1 of 4 files are there');
  });

  it('says which files of an interrupted upload are there, and when the rest follows', () => {
    const cut = (next_at: number | null) => delivery({ state: 'queued', reached: { done: 2, total: 4 }, next_at });
    const load = { files: 4, size: 11_200_000 };
    expect(standingLine(cut(NOW + 60_000), NOW, load)).toMatch(/^2 of 4 files are there, goes on .* at \d\d:\d\d$/);
    expect(standingLine(cut(NOW - 1), NOW, load)).toBe('2 of 4 files are there, goes on with the rest by itself');
    expect(wayOf(cut(null))).toEqual({ done: 2, total: 4, part: 0.5 });
    expect(wayOf(uploading(1, 4))?.part).toBe(0.25);
    expect(wayOf(delivery({ state: 'queued' }))).toBeNull();
  });

  it('counts what waits only where it is known', () => {
    const waits = (load: Parameters<typeof standingLine>[2]) => standingLine(delivery({ state: 'queued' }), NOW, load);
    expect(waits({ files: 4, size: 11_200_000 })).toBe('4 files, 11.2 MB');
    expect([waits({ files: 0, size: 0 }), waits(null)]).toEqual(['the text waits', 'goes out by itself']);
  });

  it('promises nothing of a feed that is switched off', () => {
    const off = (facts: object) => delivery({ paused: true, ...facts });
    const load = { files: 0, size: 0 };
    for (const state of ['queued', 'uploading', 'sending', 'unknown']) {
      expect(standing(off({ state }), NOW).text).toBe('paused');
      expect(standingLine(off({ state }), NOW, load)).toBe('nothing goes there until you go on');
    }
    expect(standing(off({ state: 'needs_you', reason: 'full' }), NOW).text).toBe('needs you');
    expect(standing(off({ state: 'synced', receipt: { ...receipt, known: 'published' } }), NOW).text).toBe('published');
  });

  it('says of words that came from the feed that they did', () => {
    const came = delivery({ state: 'synced', from_there: true, receipt: { ...receipt, known: 'published' } });
    expect(standingLine(came, NOW)).toMatch(/^came from there, \d\d:\d\d$/);
  });

  it('never says that an upload is done before it is', () => {
    expect([percentOf(uploading(999, 1000)), percentOf(uploading(1000, 1000)), percentOf(uploading(0, 0))]).toEqual([
      99, 100, 0,
    ]);
  });

  it('names the file because of which a post does not leave', () => {
    const stuck = (file?: string) => standingLine(delivery({ state: 'needs_you', reason: 'too_large', file }), NOW);
    expect([stuck('雨.mp4'), stuck()]).toEqual(['a file is too large for it: 雨.mp4', 'a file is too large for it']);
  });

  it('says when a lost answer is looked for, as long as that lies ahead', () => {
    const lost = (next_at: number | null) => standingLine(delivery({ state: 'unknown', next_at }), NOW);
    expect(lost(NOW + 60_000)).toMatch(/next look at \d\d:\d\d$/);
    expect(lost(NOW - 1)).toBe('the answer was lost; checking before any retry');
  });

  it('names a draft by its number there, but not by a name that means nothing to people', () => {
    expect(standingLine(delivery({ state: 'synced', receipt }), NOW)).toMatch(/^no\. 1841, /);
    const long = { ...receipt, remote_id: '01929f6e-7c1a-7000' };
    expect(standingLine(delivery({ state: 'synced', receipt: long }), NOW)).not.toContain('01929f6e');
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

describe('what a taking down needs the user for', () => {
  const REASONS: readonly NeedsYou[] = [
    'refused',
    'full',
    'denied',
    'changed_there',
    'signed_out',
    'maybe_there',
    'mixed',
  ];

  it.each(REASONS)('%s is said without a word of sending', (reason) => {
    const down = reasonOf({ reason, wanted: 'withdrawn' });
    expect(`${down.what()}. ${down.todo()}`).not.toMatch(/\bsend\b|accept this post/);
    expect(down.todo()).not.toBe(reasonOf({ reason, wanted: 'published' }).todo());
    expect(standingLine(delivery({ state: 'needs_you', wanted: 'withdrawn', reason }), NOW)).toBe(down.what());
  });
});
