import { afterEach, describe, expect, it } from 'vitest';
import { locale } from '../../app/locale.svelte';
import { NO_NEWS } from '../../host/memory/conflicts';
import { pullLines } from './pulled';

afterEach(() => locale.choose('en'));

describe('what came of looking for changes', () => {
  it('is told to the last file that could not be had', () => {
    const said = (n: number) => pullLines({ ...NO_NEWS, changed: 1, files_missing: n });
    expect(said(0)).toHaveLength(1);
    expect(said(1)[1]).toMatch(/^1 file of what was changed could not be fetched/);
    expect(said(2)[1]).toMatch(/^2 files of what was changed could not be fetched/);
    locale.choose('zh-CN');
    expect(said(2)[1]).toContain('2 个文件没能取回');
  });

  it('does not call a feed silent that was not asked', () => {
    const lines = pullLines({ ...NO_NEWS, locked: ['Notes'], unreachable: ['Blog'] });
    expect(lines).toEqual(['Notes: the keychain is locked. Unlock it, then look again.', 'Blog did not answer.']);
    const busy = pullLines({ ...NO_NEWS, busy: ['Blog'] });
    expect(busy).toEqual(['Blog asked to be left alone for a while. The rest is read later.']);
  });
});
