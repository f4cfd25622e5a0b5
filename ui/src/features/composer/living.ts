// Composers that are still needed though their editor is gone: those that were left before everything in them was saved. Leaving
// must never cost a word, so such a composer goes on trying, and opening its post again finds it as it was.
import { host, type Host, type PostId } from '../../host/host';
import type { Composer } from './composer.svelte';

const left = new Set<Composer>();
let watched: Host | null = null;

/** A composer of this post that was left with unsaved text. */
export function unsaved(post: PostId | null): Composer | null {
  for (const composer of left) if (composer.post === post && composer.autosave.isDirty) return composer;
  return null;
}

/** The editor is gone; what is not saved is saved now, or as soon as the journal lets us. */
export async function leave(composer: Composer): Promise<void> {
  for (const other of left) if (!other.autosave.isDirty) left.delete(other);
  if (composer.isDeleted) return;
  left.add(composer);
  // The window may be closed on any screen.
  if (watched !== host) host.onClose(saveAll);
  watched = host;
  if (await composer.autosave.flush()) left.delete(composer);
}

async function saveAll(): Promise<void> {
  await Promise.all([...left].map((composer) => composer.autosave.flush()));
}
