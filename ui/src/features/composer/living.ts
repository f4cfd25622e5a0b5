// Composers that are still needed: the one on the screen, and those that were left before everything in them was saved. Leaving
// the editor must never cost a word, so such a composer goes on trying, and opening its post again finds it as it was.
import type { PostId } from '../../host/host';
import type { Composer } from './composer.svelte';

const left = new Set<Composer>();

/** A composer of this post that was left with unsaved text. */
export function unsaved(post: PostId | null): Composer | null {
  for (const composer of left) if (composer.post === post && composer.autosave.isDirty) return composer;
  return null;
}

/** The editor is gone; what is not saved is saved now, or as soon as the journal lets us. */
export async function leave(composer: Composer): Promise<void> {
  if (composer.isDeleted) return;
  left.add(composer);
  if (await composer.autosave.flush()) left.delete(composer);
}

/** The window closes: whatever was left is tried once more. */
export async function saveAll(): Promise<void> {
  await Promise.all([...left].map((composer) => leave(composer)));
}
