// What a day with feeds on the network brings, laid into the sample journal: an upload on its way, a lost answer, a conflict,
// a post of which nobody knows whether it arrived, a feed that asks for a sign-in, and a blog with posts of its own.
import type { DeliveryView, FeedId, PostId, RemoteItem } from '../host';
import { tellConflict } from './conflicts';
import type { MemoryHost } from './memory';
import { newest } from './posts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export function network(host: MemoryHost): void {
  const now = host.weather.now?.() ?? Date.now();
  const [blog, social] = [feedNamed(host, 'My blog'), feedNamed(host, 'mastodon.social')];
  host.feeds.set(blog, { ...host.feed(blog), health: 'reachable', seen_at: now - MINUTE, pulled_at: now - 4 * MINUTE });
  host.feeds.set(social, { ...host.feed(social), health: 'reachable', seen_at: now - MINUTE });
  const notes = host.addFeed('notes.example', true, {
    kind: 'micropub',
    health: 'signed_out',
    seen_at: now - 30 * HOUR,
  });
  const tell = (title: string, feed: FeedId, facts: Parameters<MemoryHost['addDelivery']>[2], ago: number): PostId => {
    const post = postTitled(host, title);
    host.addDelivery(post, feed, { updated_at: now - ago, ...facts });
    return post;
  };
  const needs = (reason: string) => ({ state: 'needs_you', reason }) as Partial<DeliveryView> & { state: 'needs_you' };
  const going = { state: 'uploading', done: 2, total: 4, bytes: 7_100_000, total_bytes: 11_400_000 } as const;
  const woods = tell('A path in the woods', blog, { ...needs('conflict') }, 30 * MINUTE);
  disagree(host, woods, blog, now - 30 * MINUTE);
  tell('First snow', notes, needs('signed_out'), 26 * HOUR);
  tell('The second-hand bookshop', notes, needs('maybe_there'), 2 * HOUR);
  tell('My first English homework', social, going, MINUTE);
  tell('My first English homework', blog, { state: 'unknown', next_at: now + 2 * MINUTE }, MINUTE);
  tell('How to order milk tea', blog, { state: 'queued' }, MINUTE);
  const interrupted = { state: 'queued', reached: { done: 1, total: 3 }, next_at: now + MINUTE } as const;
  tell('The market before dawn', social, interrupted, 3 * MINUTE);
  const there = (title: string, known: DeliveryView['wanted'], ago: number) => {
    const receipt = { ...host.receiptFor(postTitled(host, title), known, blog), confirmed_at: now - ago };
    tell(title, blog, { state: 'synced', wanted: known, receipt }, ago);
  };
  there('Little boats by the lake', 'draft', 5 * HOUR);
  there('Ladybird', 'published', 6 * HOUR);
  host.remote.set(blog, thatBlog(host, now));
}

function disagree(host: MemoryHost, post: PostId, feed: FeedId, at: number): void {
  const { content, entry } = newest(host.post(post));
  entry.updated_at = at;
  const base = structuredClone(content.sides);
  const theirs = structuredClone(content.sides);
  base['zh-Hans'] = { title: '森林里的路', body: '走了三个小时，没有信号，很安静。' };
  theirs['zh-Hans'] = { title: '森林里的路', body: '走了三个小时，没有信号，很安静。回来以后腿很酸。' };
  const body = content.sides['en']?.body ?? '';
  content.sides['en'] = { title: 'A path through the woods', body };
  base['en'] = { title: 'A path in the woods', body };
  theirs['en'] = { title: 'A quiet path in the woods', body };
  const both = '走了三个小时，没有信号，很安静。路上只遇到一只狐狸。回来以后腿很酸。';
  tellConflict(host, { post, feed, base, theirs, merged: { 'zh-Hans body': both } });
  const conflict = host.conflicts.get(`${post}:${feed}`);
  const merged = conflict?.parts.find((part) => part.merged);
  // The core tells the pieces of a merge apart by their side; one run of new text would hide that here.
  merged?.pieces.splice(
    1,
    1,
    { kind: 'added', text: '路上只遇到一只狐狸。' },
    { kind: 'added', text: '回来以后腿很酸。' },
  );
}

/** What lies at the blog: three pages of it, some of it in the journal already. */
function thatBlog(host: MemoryHost, now: number): RemoteItem[] {
  const titles: [zh: string, en: string, text: string][] = [
    ['外滩的夜', 'The Bund at night', '灯一亮，江面就成了另一座城。'],
    ['学做豆花', 'Learning to make douhua', 'The gypsum goes in last, and then nobody may stir.'],
    [
      '',
      'Notes from a language exchange',
      'We talk half an hour in each language and write down what we could not say.',
    ],
    ['地铁里的读书人', '', '对面的人在看一本很旧的书，边角都卷起来了。'],
    ['台风天', 'A day of typhoon', '学校放假，窗户贴了米字。'],
  ];
  return Array.from({ length: 46 }, (_, n): RemoteItem => {
    const [zh, en, excerpt] = titles[n % titles.length] ?? ['', '', ''];
    const named = (title: string) => (n < titles.length ? title : `${title} ${Math.floor(n / titles.length) + 1}`);
    return {
      remote_id: n === 7 ? 'broken-7' : String(1700 - n),
      titles: { ...(zh ? { 'zh-Hans': named(zh) } : {}), ...(en ? { en: named(en) } : {}) },
      excerpt,
      url: `https://my-blog.example/?p=${1700 - n}`,
      published: n % 4 !== 1,
      modified: now - (n + 1) * 3 * 24 * HOUR,
      files: n % 3,
      post: n === 2 || n === 9 ? ([...host.posts.keys()][n] ?? null) : null,
    };
  });
}

function feedNamed(host: MemoryHost, name: string): FeedId {
  const found = [...host.feeds.values()].find((feed) => feed.name === name);
  if (!found) throw new Error(`the sample has no feed ${name}`);
  return found.id;
}

function postTitled(host: MemoryHost, title: string): PostId {
  const found = [...host.posts.values()].find((post) => newest(post).content.sides['en']?.title === title);
  if (!found) throw new Error(`the sample has no post ${title}`);
  return found.id;
}
