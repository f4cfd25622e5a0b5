import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type ImportedFile, useHost } from '../host/host';
import { MemoryHost } from '../host/memory/memory';
import { arrivals } from './arrivals.svelte';
import { router } from './router.svelte';

let host: MemoryHost;

beforeEach(() => {
  host = new MemoryHost();
  useHost(host);
  arrivals.dismiss();
  router.replace({ name: 'journal', section: 'all' });
});

describe('files that arrive', () => {
  it('begin a post and open it when no editor waits', async () => {
    await arrivals.bring(['/a/1.jpg', '/a/2.jpg']);
    expect(host.posts.size).toBe(1);
    expect(router.route).toEqual({ name: 'edit', id: [...host.posts.keys()][0] });
    expect(arrivals.report).toBeNull();
  });

  it('go to the open editor, and to nobody after it closed', async () => {
    const received: ImportedFile[] = [];
    const stop = arrivals.receive((files) => received.push(...files));
    await arrivals.bring(['/a/1.jpg']);
    expect(received).toHaveLength(1);
    expect(host.posts.size).toBe(0);
    stop();
    await arrivals.bring(['/a/2.jpg']);
    expect(received).toHaveLength(1);
    expect(host.posts.size).toBe(1);
  });

  it('while others arrive wait for their turn and are not lost', async () => {
    const first = arrivals.bring(['/a/1.jpg']);
    const second = arrivals.bring(['/a/2.jpg']);
    await Promise.all([first, second]);
    await vi.waitFor(() => expect(host.posts.size).toBe(2));
    expect(arrivals.running).toBe(false);
  });

  it('leave a report when one of them did not come in', async () => {
    await arrivals.bring(['/a/1.jpg', '/a/empty.jpg']);
    expect(arrivals.report?.files.map(({ outcome }) => outcome)).toEqual(['added', 'failed']);
  });

  it('that cannot be taken at all say why, and the next ones can', async () => {
    host.failing.set('import_files', { code: 'disk_full' });
    await arrivals.bring(['/a/1.jpg']);
    expect(arrivals.error?.code).toBe('disk_full');
    host.failing.clear();
    await arrivals.bring(['/a/1.jpg']);
    expect(arrivals.error).toBeNull();
    expect(host.posts.size).toBe(1);
  });
});
