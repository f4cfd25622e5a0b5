import { describe, expect, it } from 'vitest';
import type { PostPreview, Preflight } from '../../host/host';
import { MemoryHost } from '../../host/memory/memory';
import { checksOf } from './checks';
import { sayObstacle } from './obstacles';

const side = (lang: string, title: string, body: string) => ({ key: 0, lang, title, body });
const preflight = (part: Partial<Preflight>): Preflight => ({
  location_removed: 0,
  attachments: 4,
  alt_complete: 4,
  clips: 0,
  blocked: [],
  ...part,
});
const kinds = (...args: Parameters<typeof checksOf>) =>
  checksOf(...args).map(({ check, weight }) => [check.kind, weight]);

describe('before it leaves', () => {
  it('says nothing of a post in which nothing is written', () => {
    expect(checksOf([side('zh-Hans', '', ''), side('en', ' ', '\n')], null)).toEqual([]);
  });

  it('names the side that is empty and the side that has no title', () => {
    const found = kinds([side('zh-Hans', '船', '湖边'), side('en', '', '')], null);
    expect(found).toEqual([['empty_side', 'look']]);
    expect(kinds([side('zh-Hans', '', '湖边'), side('en', 'Boats', '')], null)).toEqual([
      ['sides', 'fine'],
      ['no_title', 'look'],
    ]);
  });

  it('counts the sides that are written, however many', () => {
    const three = [side('zh-Hans', '船', '湖'), side('zh-Hant', '船', '湖'), side('en', 'Boats', 'x')];
    expect(checksOf(three, null)[0]?.check).toEqual({ kind: 'sides', n: 3 });
  });

  it('puts what cannot leave above everything', () => {
    const blocked = [{ asset: 'a', name: '合影.heic' }];
    const found = kinds([side('en', 'Boats', 'x')], preflight({ blocked, alt_complete: 3, clips: 1 }));
    expect(found).toEqual([
      ['blocked', 'stop'],
      ['location', 'fine'],
      ['alt', 'look'],
      ['clips', 'look'],
    ]);
  });

  it('says for each feed what keeps the post from it, as that feed counts, and repeats nothing', () => {
    const journal = new MemoryHost();
    const feed = journal.feedNow(journal.addFeed('mastodon.social', true, { kind: 'mastodon' }));
    const item = { lang: null, title: null, text: '', html: false, files: [], long_alts: [] };
    const items = [
      { ...item, length: 20 },
      { ...item, length: 612 },
    ];
    const obstacles: PostPreview['obstacles'] = ['too_long', 'mixed', 'empty', 'cannot_strip'];
    const preview: PostPreview = { items, obstacles, leaves_at: null, over_theirs: false };
    const [long, mixed, ...others] = checksOf([side('en', 'Boats', 'x')], null, [{ feed, preview }]);
    const told = { kind: 'obstacle', feed: 'mastodon.social' };
    expect(long?.check).toEqual({ ...told, obstacle: 'too_long', length: 612, limit: 500, files: [] });
    expect(mixed?.check).toEqual({ ...told, obstacle: 'mixed', length: null, limit: null, files: [] });
    expect(others).toEqual([]);
  });

  it('names the files whose alt text is longer than a feed takes, each once', () => {
    const journal = new MemoryHost();
    const feed = journal.feedNow(journal.addFeed('mastodon.social', true, { kind: 'mastodon' }));
    const item = { lang: null, title: null, text: 'x', html: false, length: 1, files: [] };
    const items = [
      { ...item, long_alts: ['boat.jpg'] },
      { ...item, long_alts: ['boat.jpg', 'lake.jpg'] },
    ];
    const preview: PostPreview = { items, obstacles: ['alt_too_long'], leaves_at: null, over_theirs: false };
    const [{ check, weight } = expect.fail()] = checksOf([side('en', 'Boats', 'x')], null, [{ feed, preview }]);
    expect(weight).toBe('stop');
    if (check.kind !== 'obstacle') expect.fail();
    expect(sayObstacle(check)).toBe('mastodon.social: an alt text is longer than it takes (boat.jpg and lake.jpg)');
  });
});
