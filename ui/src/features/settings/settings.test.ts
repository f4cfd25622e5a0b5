import { describe, expect, it } from 'vitest';
import { MemoryHost } from '../../host/memory/memory';
import { Checkup, chosen } from './settings.svelte';

describe('the languages of a new post', () => {
  it('change places when the other one is chosen', () => {
    expect(chosen(['zh-Hans', 'en'], 0, 'en')).toEqual(['en', 'zh-Hans']);
    expect(chosen(['zh-Hans', 'en'], 1, 'zh-Hans')).toEqual(['en', 'zh-Hans']);
  });

  it('can be another, or only one', () => {
    expect(chosen(['zh-Hans', 'en'], 0, 'zh-Hant')).toEqual(['zh-Hant', 'en']);
    expect(chosen(['zh-Hans', 'en'], 1, null)).toEqual(['zh-Hans']);
    expect(chosen(['en'], 1, 'zh-Hans')).toEqual(['en', 'zh-Hans']);
    expect(chosen(['en'], 1, 'en')).toEqual(['en']);
  });
});

describe('the check', () => {
  it('reports, and says why when it cannot', async () => {
    const host = new MemoryHost();
    const checkup = new Checkup(host);
    await checkup.check();
    expect(checkup.report?.clean).toBe(true);
    host.failing.set('check', { code: 'io' });
    await checkup.check();
    expect(checkup).toMatchObject({ report: null, error: { code: 'io' }, running: false });
  });
});
