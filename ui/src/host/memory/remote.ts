// Commands about what lies at feeds and what would be made of a post for one, answered by a journal in memory.
import type { AdoptReport, Lang, Obstacle, PostPreview, PreviewInput, PreviewItem, RemoteItem } from '../host';
import { type MemoryJournal, refuse } from './journal';
import { newest } from './posts';
import type { Part } from './table';

const PAGE = 20;

export function remote(journal: MemoryJournal): Part<'remote_list' | 'remote_adopt' | 'post_preview'> {
  const reach = (feed: string) => {
    const { name } = journal.feed(feed);
    if (!journal.online) refuse('feed_unreachable', name);
    return journal.remote.get(feed) ?? [];
  };
  return {
    remote_list: ({ feed, page }) => {
      const all = reach(feed);
      const from = Number(page ?? 0);
      const next = from + PAGE < all.length ? String(from + PAGE) : null;
      return { items: all.slice(from, from + PAGE), next };
    },
    remote_adopt: ({ feed, items }) => {
      const report: AdoptReport = { posts: [], known: 0, files_missing: 0, failed: [] };
      const { name } = journal.feed(feed);
      if (!journal.online) return { ...report, failed: items, error: { code: 'feed_unreachable', subject: name } };
      for (const item of reach(feed)) {
        if (!items.includes(item.remote_id)) continue;
        // What becomes of an item is in its name, as with files.
        if (item.post !== null) report.known += 1;
        else if (item.remote_id.includes('broken')) report.failed.push(item.remote_id);
        else report.posts.push(adopt(journal, item));
      }
      journal.emit({ event: 'posts_changed', posts: report.posts });
      return report;
    },
    post_preview: (wish) => preview(journal, wish),
  };
}

function adopt(journal: MemoryJournal, item: RemoteItem): string {
  const sides = Object.fromEntries(
    Object.entries(item.titles).map(([lang, title]) => [lang, { title, body: item.excerpt }]),
  );
  const attachments = Array.from({ length: item.files }, (_, n) => ({
    asset: journal.addAsset({}),
    name: `${item.remote_id}-${n + 1}.jpg`,
    alt: {},
  }));
  const moment = { at: item.modified ?? journal.now(), zone: 'UTC' };
  item.post = journal.addPost({ sides, attachments, cover: null, topics: [], moment, place: null });
  return item.post;
}

function preview(journal: MemoryJournal, { post, feed, manner, wanted }: PreviewInput): PostPreview {
  const { content } = newest(journal.post(post));
  const { kind, options, limits } = journal.feed(feed);
  const files = content.attachments.map(({ asset }) => asset);
  const facts = files.map((asset) => journal.assets.get(asset)?.kind);
  const langs = Object.keys(content.sides).sort((a, b) => b.localeCompare(a));
  const groups = options.languages === 'linked' && kind !== 'folder' ? langs.map((lang) => [lang]) : [langs];
  const tags = kind === 'mastodon' ? content.topics.map((topic) => `#${topic.replace(/\s+/g, '')}`).join(' ') : '';
  const isLong = (alt: string) => [...alt].length > (limits.alt ?? Infinity);
  const longAlts = content.attachments.filter(({ alt }) => Object.values(alt).some(isLong)).map(({ name }) => name);
  const items = groups.flatMap((group, at): PreviewItem[] => {
    const sides = group.map((lang) => ({ lang, side: content.sides[lang] ?? { title: '', body: '' } }));
    const lang: Lang | null = group.length === 1 ? (group[0] ?? null) : null;
    const carried = at === 0 ? files.slice(0, limits.attachments ?? files.length) : [];
    if (kind !== 'mastodon') {
      const title = sides
        .map(({ side }) => side.title)
        .filter(Boolean)
        .join(' · ');
      const text = sides.map(({ lang, side }) => section(lang, side.body)).join('\n');
      return [{ lang, title, text, html: true, length: null, files: carried, long_alts: [] }];
    }
    const whole = [...sides.flatMap(({ side }) => [side.title, side.body]), tags].filter(Boolean).join('\n\n');
    const most = limits.text ?? Infinity;
    const texts = options.long_text === 'split' ? inParts(whole, most) : [whole];
    return texts.map((text, part) => {
      const length = counted(text) + (part === 0 ? counted(manner?.warning ?? '') : 0);
      const [files, long_alts] = part === 0 ? [carried, at === 0 ? longAlts : []] : [[], []];
      return { lang, title: null, text, html: false, length, files, long_alts };
    });
  });
  const obstacles: Obstacle[] = [];
  if (items.some(({ length }) => (length ?? 0) > (limits.text ?? Infinity))) obstacles.push('too_long');
  if (files.length > (limits.attachments ?? Infinity)) obstacles.push('too_many_files');
  if (items.some(({ long_alts }) => long_alts.length > 0)) obstacles.push('alt_too_long');
  if (wanted === 'draft' && !limits.drafts) obstacles.push('no_drafts');
  if (!limits.mixed && facts.includes('photo') && facts.includes('clip')) obstacles.push('mixed');
  if (facts.includes('file')) obstacles.push('cannot_strip');
  if (items.every(({ text, title, files }) => !text && !title && files.length === 0)) obstacles.push('empty');
  const keepsTheirs = kind === 'wordpress' || kind === 'micropub';
  const over_theirs = keepsTheirs && (journal.deliveries.get(`${post}:${feed}`)?.from_there ?? false);
  return { items, obstacles, leaves_at: null, over_theirs };
}

function section(lang: Lang, body: string): string {
  const escaped = body.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const paragraphs = escaped.split(/\n{2,}/).map((text) => `<p>${text.replaceAll('\n', '<br>')}</p>`);
  return `<section lang="${lang}">\n${paragraphs.join('\n')}\n</section>`;
}

function inParts(text: string, most: number): string[] {
  const signs = [...text];
  const parts: string[] = [];
  for (let at = 0; at < signs.length; at += most) parts.push(signs.slice(at, at + most).join(''));
  return parts.length > 0 ? parts : [''];
}

/** As Mastodon counts: every address is 23 characters long. */
function counted(text: string): number {
  return [...text.replace(/https?:\/\/\S+/g, 'x'.repeat(23))].length;
}
