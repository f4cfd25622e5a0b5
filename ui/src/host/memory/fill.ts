// Fills a journal in memory with the sample posts, as many as are wanted, and reads from an address how it shall behave.
import type { Content, ErrorCode, FeedId, PostId } from '../host';
import { MemoryHost } from './memory';
import { network } from './network';
import { type Sample, SAMPLES } from './sample';

const DAY = 86_400_000;
/** The sample journal's "today" when none is given: a calm winter afternoon in Chengdu. */
export const SAMPLE_NOW = Date.UTC(2025, 0, 12, 6, 30);

/** `?posts=5000&locale=zh-CN&offline&network&closed=folder_missing&delay=300` */
export function fromAddress(query: string): MemoryHost {
  const wishes = new URLSearchParams(query);
  const host = new MemoryHost({
    locale: wishes.get('locale') ?? navigator.language,
    delay: Number(wishes.get('delay') ?? 0),
    closed: wishes.get('closed') as ErrorCode | null,
    now: wishes.has('clock') ? Date.now : () => SAMPLE_NOW,
  });
  const theme = wishes.get('theme');
  if (theme === 'light' || theme === 'dark') host.settings = { ...host.settings, theme };
  host.online = !wishes.has('offline');
  fill(host, Number(wishes.get('posts') ?? 40));
  if (wishes.has('network')) network(host);
  host.weather.noKeychain = wishes.has('no_keychain');
  const failing = wishes.get('fails');
  if (failing) host.failing.set(failing as 'post_index', { code: 'io' });
  return host;
}

/** Adds this many posts, one for almost every day before now, the sample again and again. */
export function fill(host: MemoryHost, posts: number): void {
  if (posts === 0) return;
  const feeds = [
    host.addFeed('My blog', true, { kind: 'wordpress' }),
    host.addFeed('mastodon.social', true, { kind: 'mastodon' }),
  ];
  const now = host.weather.now?.() ?? Date.now();
  for (let n = 0; n < posts; n += 1) {
    const sample = SAMPLES[n % SAMPLES.length];
    if (!sample) continue;
    const at = now - (n + 1) * DAY - (n % 5) * 3_600_000;
    const post = host.addPost(contentOf(host, sample, at, Math.floor(n / SAMPLES.length)), at);
    deliver(host, sample, post, feeds);
  }
  onThisDay(host, now);
}

function contentOf(host: MemoryHost, sample: Sample, at: number, round: number): Content {
  const clip = sample.clip;
  const assets = sample.photos.map((aspect, index) =>
    clip !== undefined && index === 0
      ? host.addAsset({ aspect, kind: 'clip', duration_ms: clip * 1000 })
      : host.addAsset({ aspect, point: index === 0 ? { lat: 30.66, lon: 104.06 } : null }),
  );
  const numbered = (title: string) => (round === 0 ? title : `${title} ${round + 1}`);
  const sides: Content['sides'] = {};
  if (sample.zh) sides['zh-Hans'] = { title: numbered(sample.zh[0]), body: sample.zh[1] };
  if (sample.en) sides['en'] = { title: numbered(sample.en[0]), body: sample.en[1] };
  return {
    sides,
    attachments: assets.map((asset, index) => ({ asset, name: `IMG_${2400 + index}.jpg`, alt: {} })),
    cover: null,
    topics: sample.topics,
    moment: { at, zone: 'Asia/Shanghai' },
    place: null,
  };
}

function deliver(host: MemoryHost, sample: Sample, post: PostId, feeds: FeedId[]): void {
  const synced = { state: 'synced', receipt: host.receiptFor(post, 'published') } as const;
  const [blog, social] = feeds;
  if (!blog || !social) return;
  if (sample.sent === 'blog' || sample.sent === 'two') host.addDelivery(post, blog, synced);
  if (sample.sent === 'two') host.addDelivery(post, social, synced);
  if (sample.sent === 'waiting' && !host.online)
    for (const feed of feeds) host.addDelivery(post, feed, { state: 'queued' });
  if (sample.sent === 'needs_you')
    host.addDelivery(post, blog, { state: 'needs_you', reason: 'changed_there' } as const);
}

/** The pier of a year ago, so that the strip above the journal has something to show. */
function onThisDay(host: MemoryHost, now: number): void {
  const pier = SAMPLES.find(({ en }) => en?.[0] === 'Morning on the pier');
  const then = new Date(now);
  then.setUTCFullYear(then.getUTCFullYear() - 1);
  if (pier) host.addPost(contentOf(host, pier, then.getTime(), 0), then.getTime());
}
