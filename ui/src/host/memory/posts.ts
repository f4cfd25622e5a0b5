// Posts of a journal in memory and what is computed from them: cards, index entries, counts, differences. Pure.
import type {
  AssetId,
  AssetView,
  Card,
  Content,
  Counts,
  DeliveryView,
  DiffPiece,
  IndexEntry,
  Lang,
  PostFilter,
  PostId,
  PostView,
  RevisionDiff,
  RevisionEntry,
  RevisionId,
  Timestamp,
} from '../host';

export interface Revision {
  entry: RevisionEntry;
  content: Content;
  version: number;
}

export interface Post {
  id: PostId;
  created_at: Timestamp;
  deleted_at: Timestamp | null;
  /** Whether the next change begins a new revision. */
  sealed: boolean;
  /** Oldest first. */
  revisions: Revision[];
}

export type Assets = ReadonlyMap<AssetId, AssetView>;

export function newest(post: Post): Revision {
  const last = post.revisions.at(-1);
  if (!last) throw new Error('a post has at least one revision');
  return last;
}

export function titlesOf(content: Content): { [lang: Lang]: string } {
  return pick(content, (side) => side.title);
}

function pick(content: Content, part: (side: { title: string; body: string }) => string): { [lang: Lang]: string } {
  const parts = Object.entries(content.sides).map(([lang, side]) => [lang, part(side)] as const);
  return Object.fromEntries(parts.filter(([, text]) => text !== ''));
}

export function coverOf(content: Content, assets: Assets): AssetView | null {
  if (content.cover !== null) return assets.get(content.cover) ?? null;
  const attached = content.attachments.map(({ asset }) => assets.get(asset));
  return attached.find((asset) => asset?.kind !== 'file') ?? null;
}

export function cardOf(post: Post, assets: Assets, deliveries: DeliveryView[]): Card {
  const { content, entry } = newest(post);
  return {
    id: post.id,
    titles: titlesOf(content),
    excerpts: pick(content, ({ body }) => excerpt(body)),
    cover: coverOf(content, assets),
    attachments: content.attachments.length,
    moment: content.moment,
    updated_at: entry.updated_at,
    deleted_at: post.deleted_at,
    topics: content.topics,
    deliveries,
  };
}

function excerpt(body: string): string {
  return [...body.replace(/\s+/g, ' ').trim()].slice(0, 160).join('');
}

export function indexEntryOf(post: Post, assets: Assets): IndexEntry {
  const { content } = newest(post);
  const titles = Object.keys(titlesOf(content));
  const cover = coverOf(content, assets);
  const bodies = Object.entries(content.sides).map(([, side]) => excerpt(side.body));
  return {
    id: post.id,
    aspect: cover?.width && cover.height ? Math.round((1000 * cover.height) / cover.width) : 0,
    titles: [titles.some((lang) => lang.startsWith('zh')), titles.some((lang) => !lang.startsWith('zh'))],
    excerpt: Math.min(255, columns(bodies.find((body) => body !== '') ?? '')),
    at: content.moment.at,
  };
}

function columns(text: string): number {
  let width = 0;
  for (const sign of text)
    width += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60]/.test(sign) ? 2 : 1;
  return width;
}

export function fits(post: Post, filter: PostFilter, assets: Assets, deliveries: DeliveryView[]): boolean {
  const { content } = newest(post);
  const kinds = content.attachments.map(({ asset }) => assets.get(asset)?.kind);
  const langs = Object.keys(content.sides);
  return (
    (post.deleted_at !== null) === filter.deleted &&
    (!filter.drafts || isDraft(deliveries)) &&
    (!filter.photos || kinds.includes('photo')) &&
    (!filter.clips || kinds.includes('clip')) &&
    (filter.needs === null || !langs.some((lang) => lang === filter.needs || lang.startsWith(`${filter.needs}-`))) &&
    (filter.topic === null || content.topics.includes(filter.topic)) &&
    (filter.feed === null || deliveries.some(({ feed, wanted }) => feed === filter.feed && wanted !== 'off')) &&
    matches(content, filter.text)
  );
}

function matches(content: Content, text: string): boolean {
  const sides = Object.values(content.sides).flatMap(({ title, body }) => [title, body]);
  const alts = content.attachments.flatMap(({ alt }) => Object.values(alt));
  const haystack = [...sides, ...alts, ...content.topics, content.place?.name ?? ''].join('\n').toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => haystack.includes(word));
}

export function isDraft(deliveries: DeliveryView[]): boolean {
  return deliveries.every(({ receipt, wanted }) => receipt === null && wanted === 'off');
}

export function countsOf(posts: Post[], deliveriesOf: (post: PostId) => DeliveryView[]): Counts {
  const kept = posts.filter((post) => post.deleted_at === null);
  const deliveries = kept.flatMap((post) => deliveriesOf(post.id));
  const topics = new Map<string, number>();
  for (const topic of kept.flatMap((post) => newest(post).content.topics))
    topics.set(topic, (topics.get(topic) ?? 0) + 1);
  return {
    posts: kept.length,
    drafts: kept.filter((post) => isDraft(deliveriesOf(post.id))).length,
    bin: posts.length - kept.length,
    waiting: deliveries.filter(isWaiting).length,
    needs_you: deliveries.filter(({ state }) => state === 'needs_you').length,
    topics: [...topics]
      .map(([topic, posts]) => ({ topic, posts }))
      .sort((a, b) => b.posts - a.posts)
      .slice(0, 20),
  };
}

export function isWaiting({ state }: DeliveryView): boolean {
  return state === 'queued' || state === 'uploading' || state === 'sending' || state === 'unknown';
}

export function viewOf(post: Post, assets: Assets, deliveries: DeliveryView[]): PostView {
  const { content, entry, version } = newest(post);
  return {
    id: post.id,
    revision: entry.id,
    version,
    content,
    assets: factsOf(content, assets),
    created_at: post.created_at,
    updated_at: entry.updated_at,
    deleted_at: post.deleted_at,
    versions: post.revisions.length,
    deliveries,
  };
}

function factsOf(content: Content, assets: Assets): { [id: AssetId]: AssetView } {
  const known = content.attachments.map(({ asset }) => assets.get(asset)).filter((asset) => asset !== undefined);
  return Object.fromEntries(known.map((asset) => [asset.id, asset]));
}

export function diffOf(post: Post, from: RevisionId | null, to: RevisionId, assets: Assets): RevisionDiff | null {
  const at = post.revisions.findIndex(({ entry }) => entry.id === to);
  const newer = post.revisions[at];
  if (!newer) return null;
  const older = from === null ? post.revisions[at - 1] : post.revisions.find(({ entry }) => entry.id === from);
  const before = older?.content;
  const langs = new Set([...Object.keys(before?.sides ?? {}), ...Object.keys(newer.content.sides)]);
  const sides: RevisionDiff['sides'] = {};
  for (const lang of langs) {
    const [a, b] = [before?.sides[lang], newer.content.sides[lang]];
    if (a?.title === b?.title && a?.body === b?.body) continue;
    sides[lang] = { title: pieces(a?.title ?? '', b?.title ?? ''), body: pieces(a?.body ?? '', b?.body ?? '') };
  }
  const [had, has] = [before, newer.content].map((content) => (content?.attachments ?? []).map(({ asset }) => asset));
  return {
    from: older?.entry.id ?? null,
    to,
    content: newer.content,
    assets: { ...(before ? factsOf(before, assets) : {}), ...factsOf(newer.content, assets) },
    sides,
    added: (has ?? []).filter((asset) => !had?.includes(asset)),
    removed: (had ?? []).filter((asset) => !has?.includes(asset)),
    changed: before && before.topics.join() !== newer.content.topics.join() ? ['topics'] : [],
  };
}

/** What both have at the beginning and the end stays; the middle was replaced. Coarser than the core's, equally true. */
export function pieces(before: string, after: string): DiffPiece[] {
  const [a, b] = [[...before], [...after]];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const all: DiffPiece[] = [
    { kind: 'same', text: a.slice(0, start).join('') },
    { kind: 'removed', text: a.slice(start, a.length - end).join('') },
    { kind: 'added', text: b.slice(start, b.length - end).join('') },
    { kind: 'same', text: a.slice(a.length - end).join('') },
  ];
  return all.filter(({ text }) => text !== '');
}
