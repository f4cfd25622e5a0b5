// What keeps a post from leaving for a feed, in words. Exhaustive by type.
import { locale } from '../../app/locale.svelte';
import type { Obstacle, PostPreview } from '../../host/host';
import { m } from '../../paraglide/messages';
import { feedName } from '../../text/feedname';
import { number } from '../../text/format';

export interface Met {
  obstacle: Obstacle;
  feed: string;
  /** Of the longest text, as the feed counts it. */
  length: number | null;
  limit: number | null;
  /** What the post calls the files that it is about, where it says so. */
  files: readonly string[];
}

/** What the post calls the files that an obstacle is about, each once. */
export function filesMet(obstacle: Obstacle, preview: PostPreview | undefined): string[] {
  if (obstacle !== 'alt_too_long') return [];
  return [...new Set(preview?.items.flatMap(({ long_alts }) => long_alts))];
}

export function sayObstacle({ obstacle, feed: name, length, limit, files }: Met): string {
  const feed = feedName(name);
  switch (obstacle) {
    case 'too_long':
      if (length === null || limit === null) return m.composer_check_too_long_plain({ feed });
      return m.composer_check_too_long({ feed, length: number(length), limit: number(limit) });
    case 'too_many_files':
      return limit === null ? m.composer_check_too_many_plain({ feed }) : m.composer_check_too_many({ feed, n: limit });
    case 'too_large':
      return m.composer_check_too_large({ feed });
    case 'alt_too_long':
      return m.composer_check_alt_too_long({ feed, files: new Intl.ListFormat(locale.current).format(files) });
    case 'mixed':
      return m.composer_check_mixed({ feed });
    case 'no_drafts':
      return m.composer_check_no_drafts({ feed });
    case 'cannot_strip':
      return m.composer_check_cannot_strip({ feed });
    case 'empty':
      return m.composer_check_nothing({ feed });
  }
}
