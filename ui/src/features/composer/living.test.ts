import { beforeEach, describe, expect, it, vi } from 'vitest';
import { useHost } from '../../host/host';
import { MemoryHost } from '../../host/memory/memory';
import { Composer } from './composer.svelte';
import { leave, unsaved } from './living';

let host: MemoryHost;

async function writing(body: string): Promise<Composer> {
  const composer = new Composer({ host, languages: ['en'], now: () => 0, onCreated: () => {} });
  await composer.open(null);
  composer.sides.write(composer.sides.list[0]?.key ?? 0, { body });
  return composer;
}

const texts = () => [...host.posts.values()].map((post) => post.revisions.at(-1)?.content.sides['en']?.body);

beforeEach(() => {
  host = new MemoryHost();
  useHost(host);
});

describe('an editor that was left', () => {
  it('has everything saved', async () => {
    const composer = await writing('Rain');
    await leave(composer);
    expect(texts()).toEqual(['Rain']);
    expect(unsaved(composer.post)).toBeNull();
  });

  it('before it could save is found again as it was, and is saved when the window closes', async () => {
    vi.useFakeTimers();
    host.failing.set('draft_save', { code: 'disk_full' });
    const composer = await writing('Not lost');
    await leave(composer);
    expect(unsaved(null)).toBe(composer);
    host.failing.clear();
    await host.close();
    expect(texts()).toEqual(['Not lost']);
    expect(unsaved(null)).toBeNull();
    vi.useRealTimers();
  });

  it('of a deleted post saves nothing any more', async () => {
    const composer = await writing('Gone');
    await composer.delete();
    await leave(composer);
    expect(unsaved(composer.post)).toBeNull();
  });
});
