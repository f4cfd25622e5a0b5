import { beforeEach, describe, expect, it } from 'vitest';
import { useHost } from '../host/host';
import { MemoryHost } from '../host/memory/memory';
import { shell } from './shell.svelte';

let host: MemoryHost;

beforeEach(async () => {
  host = new MemoryHost();
  useHost(host);
  shell.current = await host.shell();
});

describe('opening another journal', () => {
  it('first saves what an editor holds into the one that is open', async () => {
    const steps: string[] = [];
    host.onClose(async () => void steps.push('saved'));
    host.onShell(() => steps.push('opened'));
    await shell.open('/media/disk/Sampan');
    expect(steps).toEqual(['saved', 'opened']);
    expect(shell.current.journal).toBe('/media/disk/Sampan');
  });

  it('that cannot be opened leaves the present one open and says why', async () => {
    const before = shell.current.journal;
    host.openJournal = () => Promise.reject({ code: 'journal_newer' });
    await shell.open('/media/disk/New');
    expect(shell.current.journal).toBe(before);
    expect(shell.refused?.code).toBe('journal_newer');
    expect(shell.opening).toBe(false);
  });
});
