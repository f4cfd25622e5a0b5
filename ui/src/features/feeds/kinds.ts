// The sign of each kind of feed, what is made of a post for it, and what it takes, in words. Exhaustive by type.
import Folder from '@lucide/svelte/icons/folder';
import Globe from '@lucide/svelte/icons/globe';
import PenTool from '@lucide/svelte/icons/pen-tool';
import Users from '@lucide/svelte/icons/users';
import type { FeedKind, FeedView, KeepSecret, Limits } from '../../host/host';
import { m } from '../../paraglide/messages';
import { bytes, number } from '../../text/format';

export const SIGNS: Record<FeedKind, typeof Folder> = {
  folder: Folder,
  wordpress: Globe,
  micropub: PenTool,
  mastodon: Users,
};

/** What is made of a post there, line by line. */
export function madeOf({ kind, options }: FeedView): string[] {
  const items = options.languages === 'linked' ? m.feeds_made_linked() : m.feeds_made_together();
  const common = [m.feeds_made_media(), m.feeds_made_clean()];
  switch (kind) {
    case 'folder':
      return [
        m.feeds_made_json(),
        m.feeds_made_atom(),
        m.feeds_made_page(),
        m.feeds_made_clean(),
        m.feeds_made_drafts(),
      ];
    case 'wordpress':
      return [items, options.topics === 'tags' ? m.feeds_made_tags() : m.feeds_made_categories(), ...common];
    case 'micropub':
      return [items, m.feeds_made_tags(), ...common];
    case 'mastodon':
      return [items, m.feeds_made_hashtags(), ...common];
  }
}

/** What a feed takes, line by line; empty when nothing bounds a post there. */
export function limitsOf({ text, link, title, attachments, photo_bytes, clip_bytes, alt, ...can }: Limits): string[] {
  const lines: string[] = [];
  if (text !== null && link !== null) lines.push(m.feeds_limit_text_link({ n: number(text), link: number(link) }));
  else if (text !== null) lines.push(m.feeds_limit_text({ n: number(text) }));
  if (title !== null) lines.push(m.feeds_limit_title({ n: number(title) }));
  if (attachments !== null) lines.push(m.feeds_limit_files({ n: attachments }));
  if (!can.mixed) lines.push(m.feeds_limit_mixed());
  if (photo_bytes !== null) lines.push(m.feeds_limit_photo({ size: bytes(photo_bytes) }));
  if (clip_bytes !== null) lines.push(m.feeds_limit_clip({ size: bytes(clip_bytes) }));
  if (alt !== null) lines.push(m.feeds_limit_alt({ n: number(alt) }));
  lines.push(can.drafts ? m.feeds_limit_drafts() : m.feeds_limit_no_drafts());
  if (can.scheduled) lines.push(m.feeds_limit_scheduled());
  return lines;
}

/** Where the secret is, so that nobody has to wonder. */
export function keptIn(keep: KeepSecret): string {
  switch (keep.in) {
    case 'keychain':
      return m.keep_keychain();
    case 'file':
      return m.keep_file();
    case 'session':
      return m.keep_session();
    case 'environment':
      return m.keep_environment({ name: keep.name });
  }
}
