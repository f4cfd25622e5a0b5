import { describe, expect, it } from 'vitest';
import { HostError } from '../host/host';
import { Resource } from './resource.svelte';

describe('a resource', () => {
  it('is read once more, not many times, when news come while it is read', async () => {
    let reads = 0;
    const resource = new Resource(async () => (reads += 1));
    await Promise.all([resource.load(), resource.load(), resource.load()]);
    expect([reads, resource.value]).toEqual([2, 2]);
  });

  it('keeps what was read when reading fails, and forgets the failure when it works again', async () => {
    let failing = false;
    const resource = new Resource(async () => {
      if (failing) throw new HostError({ code: 'io' });
      return 'posts';
    });
    await resource.load();
    failing = true;
    await resource.load();
    expect([resource.value, resource.error]).toEqual(['posts', { code: 'io' }]);
    failing = false;
    await resource.load();
    expect(resource.error).toBeNull();
  });
});
