import { describe, expect, it } from 'vitest';
import { countText, unitOf } from './count';

describe('counting', () => {
  it.each([
    ['zh-Hans', 'characters'],
    ['zh-Hant', 'characters'],
    ['ja', 'characters'],
    ['en', 'words'],
    ['zha', 'words'],
  ])('%s is counted in %s', (lang, unit) => expect(unitOf(lang)).toBe(unit));

  it.each([
    ['', 0],
    ['奶茶店怎么点单', 7],
    ['去冰 不是\n没有冰箱。', 9],
    ['家庭👨‍👩‍👧‍👦合影🇨🇳', 6],
    ['𠮷野家', 3],
    ['e\u0301toile 船', 7],
    ['喝 tea', 4],
  ])('a reader counts the characters of %j as %i', (text, count) => expect(countText('zh-Hans', text)).toBe(count));

  it.each([
    ['', 0],
    ["Today I taught a friend, didn't I?", 7],
    ['twenty-one  30 %.\nnext', 3],
    ['Café naïve', 2],
    ['去冰 means no ice', 4],
  ])('the words of %j are %i', (text, count) => expect(countText('en', text)).toBe(count));

  it('counts a megabyte to the last character', () => {
    const text = '今天教外国朋友点奶茶。第一步，先选杯型。\n'.repeat(16_000);
    expect(countText('zh-Hans', text)).toBe(20 * 16_000);
  });
});
