import { beforeEach, describe, expect, it } from 'vitest';
import { useHost } from '../host/host';
import { MemoryHost } from '../host/memory/memory';
import { closest, locale } from './locale.svelte';
import { preferences, themeOf } from './preferences.svelte';

let host: MemoryHost;

beforeEach(async () => {
  host = new MemoryHost();
  useHost(host);
  locale.system = 'en-GB';
  await preferences.load();
});

const page = () => [document.documentElement.lang, document.documentElement.dataset['theme']];

describe('a choice', () => {
  it('is seen before the journal has kept it', async () => {
    const kept = preferences.change({ locale: 'zh-CN', theme: 'dark' });
    expect(page()).toEqual(['zh-CN', 'dark']);
    await kept;
    expect(host.settings).toMatchObject({ locale: 'zh-CN', theme: 'dark' });
  });

  it('that could not be kept is taken back, and the reason is there', async () => {
    host.failing.set('settings_set', { code: 'disk_full' });
    await preferences.change({ theme: 'dark' });
    expect(preferences.current.theme).toBe('system');
    expect(preferences.error?.code).toBe('disk_full');
  });

  it('is not taken back by the echo of the one before', async () => {
    host.on((event) => event.event === 'settings_changed' && void preferences.load());
    await Promise.all([preferences.change({ view: 'list' }), preferences.change({ reading: 'en' })]);
    expect(preferences.current).toMatchObject({ view: 'list', reading: 'en' });
    expect(host.settings).toMatchObject({ view: 'list', reading: 'en' });
  });
});

describe('without a choice', () => {
  it('the system is followed', () => {
    expect(page()[0]).toBe('en');
    expect(closest('zh-Hant-TW')).toBe('zh-CN');
    expect(closest('de')).toBe('en');
    expect(themeOf('system', true)).toBe('dark');
    expect(themeOf('light', true)).toBe('light');
  });

  it('a closed journal is no error of the settings', async () => {
    host.weather.closed = 'folder_missing';
    await preferences.load();
    expect(preferences.error).toBeNull();
  });
});
