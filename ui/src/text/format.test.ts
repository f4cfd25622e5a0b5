import { afterEach, describe, expect, it } from 'vitest';
import { locale } from '../app/locale.svelte';
import { bytes, day, duration, when } from './format';
import { nameOf, readable, texts } from './lang';

afterEach(() => locale.choose('en'));

describe('a day', () => {
  // 20:00 on the 10th in UTC.
  const at = Date.UTC(2025, 0, 10, 20);

  it('is the one on the wall where the post was lived', () => {
    locale.choose('en');
    expect(day({ at, zone: 'Asia/Shanghai' }, 2025)).toBe('11 Jan');
    expect(day({ at, zone: 'UTC' }, 2025)).toBe('10 Jan');
  });

  it('has its year when it is another one', () => {
    expect(day({ at, zone: 'UTC' }, 2026)).toBe('10 Jan 2025');
  });

  it('follows the language of the interface', () => {
    locale.choose('zh-CN');
    expect(day({ at, zone: 'Asia/Shanghai' }, 2025)).toBe('1月11日');
  });

  it('in a zone that nobody knows is the one in UTC', () => {
    expect(day({ at, zone: 'Nowhere/Land' }, 2025)).toBe('10 Jan');
  });
});

describe('numbers', () => {
  it('are short', () => {
    expect([0, 999, 1500, 2_450_000, 123_456_789].map(bytes)).toEqual(['0 B', '999 B', '2 kB', '2.5 MB', '123 MB']);
    expect([900, 42_000, 725_000, 3_723_000].map(duration)).toEqual(['0:01', '0:42', '12:05', '1:02:03']);
  });

  it('of today are a time, of another year have it', () => {
    const noon = new Date(2025, 0, 12, 12, 5).getTime();
    expect(when(noon, noon + 1000)).toBe('12:05');
    expect(when(noon - 3 * 86_400_000, noon)).toBe('9 Jan, 12:05');
    expect(when(noon - 20 * 86_400_000, noon)).toBe('23 Dec 2024, 12:05');
  });
});

describe('languages', () => {
  it('stand with Chinese first', () => {
    expect(texts({ en: 'a', 'zh-Hant': '乙', fr: '' }).map(({ lang }) => lang)).toEqual(['zh-Hant', 'en']);
  });

  it('that are not read stay away, unless they are all there is', () => {
    expect(readable({ en: 'a', 'zh-Hans': '甲' }, 'en').map(({ text }) => text)).toEqual(['a']);
    expect(readable({ en: 'a' }, 'zh').map(({ text }) => text)).toEqual(['a']);
  });

  it('are called as their speakers call them', () => {
    expect(['zh-Hans', 'zh-Hant', 'en', 'fr'].map(nameOf)).toEqual(['中文', '繁體中文', 'English', 'français']);
  });
});
