// What feeds and files are like when nobody says otherwise: each kind of feed as the usual server of its kind is. Pure.
import type { AssetId, AssetView, FeedId, FeedKind, FeedOptions, FeedView, Limits } from '../host';
import { skyColour } from './pictures';

const OPEN: Limits = {
  title: null,
  text: null,
  link: null,
  attachments: null,
  photo_bytes: null,
  clip_bytes: null,
  alt: null,
  drafts: true,
  scheduled: false,
  mixed: true,
};

const NATURE: Record<FeedKind, Partial<FeedView> & { limits: Limits }> = {
  folder: { limits: OPEN },
  wordpress: { limits: { ...OPEN, scheduled: true }, account: 'Mei Lin', server: 'WordPress 6.8' },
  micropub: { limits: OPEN, account: 'https://notes.example/', server: '' },
  mastodon: {
    limits: {
      ...OPEN,
      text: 500,
      link: 23,
      attachments: 4,
      photo_bytes: 16_777_216,
      clip_bytes: 103_809_024,
      alt: 1_500,
      drafts: false,
      scheduled: true,
      mixed: false,
    },
    account: '@mei@mastodon.social',
    server: 'Mastodon 4.5.2',
  },
};

const OPTIONS: FeedOptions = {
  place: false,
  title: '',
  base_url: null,
  author: '',
  languages: 'together',
  long_text: 'refuse',
  topics: 'tags',
  visibility: 'public',
};

/** A feed that was just set up and switched on. */
export function freshFeed(id: FeedId, name: string, facts: Partial<FeedView>): FeedView {
  const kind = facts.kind ?? 'folder';
  const { limits, account = '', server = '' } = NATURE[kind];
  return {
    id,
    name,
    kind,
    enabled: true,
    place: kind === 'folder' ? `/home/mei/${name || 'Sampan feed'}` : `https://${hostNamed(name)}`,
    health: 'unknown',
    waiting: 0,
    needs_you: 0,
    seen_at: null,
    options: { ...OPTIONS },
    account,
    server,
    keep: kind === 'folder' ? null : { in: 'keychain' },
    limits: { ...limits },
    pulled_at: null,
    held_back: 0,
    ...facts,
  };
}

/** `My blog` lives at `my-blog.example`; what has a dot is a host already. */
function hostNamed(name: string): string {
  const host = name.trim().toLowerCase().replace(/\s+/g, '-') || 'feed';
  return host.includes('.') ? host : `${host}.example`;
}

/** A file that was just brought in, drawn as picture number `seed`. */
export function freshAsset(
  id: AssetId,
  { seed, aspect }: { seed: number; aspect: number },
  facts: Partial<AssetView>,
): AssetView {
  const kind = facts.kind ?? 'photo';
  return {
    id,
    kind,
    mime: kind === 'clip' ? 'video/mp4' : kind === 'photo' ? 'image/jpeg' : 'application/octet-stream',
    bytes: 2_800_000 + seed * 1_000,
    width: kind === 'file' ? null : 4000,
    height: kind === 'file' ? null : Math.round(4000 * aspect),
    duration_ms: kind === 'clip' ? 12_000 : null,
    codec: kind === 'clip' ? 'avc1' : null,
    colour: skyColour(seed),
    taken: null,
    point: null,
    problem: kind === 'file' ? 'unsupported' : null,
    has_picture: kind !== 'file',
    ...facts,
  };
}
