// What a feed is called. The ready-made feed has no name until the user gives it one, so that it speaks the interface's language.
import type { FeedKind } from '../host/host';
import { m } from '../paraglide/messages';

export function feedName(name: string): string {
  return name.trim() === '' ? m.feeds_default_name() : name;
}

/** What each kind of feed is called. Exhaustive by type. */
export const KIND_NAMES: Record<FeedKind, () => string> = {
  folder: m.feeds_kind_folder,
  wordpress: m.feeds_kind_wordpress,
  micropub: m.feeds_kind_micropub,
  mastodon: m.feeds_kind_mastodon,
};
