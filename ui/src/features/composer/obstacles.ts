// What keeps a post from leaving for a feed, in words. Exhaustive by type.
import type { Obstacle } from '../../host/host';
import { m } from '../../paraglide/messages';
import { feedName } from '../../text/feedname';
import { number } from '../../text/format';

interface Met {
  obstacle: Obstacle;
  feed: string;
  /** Of the longest text, as the feed counts it. */
  length: number | null;
  limit: number | null;
}

export function sayObstacle({ obstacle, feed: name, length, limit }: Met): string {
  const feed = feedName(name);
  switch (obstacle) {
    case 'too_long':
      if (length === null || limit === null) return m.composer_check_too_long_plain({ feed });
      return m.composer_check_too_long({ feed, length: number(length), limit: number(limit) });
    case 'too_many_files':
      return limit === null ? m.composer_check_too_many_plain({ feed }) : m.composer_check_too_many({ feed, n: limit });
    case 'too_large':
      return m.composer_check_too_large({ feed });
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
