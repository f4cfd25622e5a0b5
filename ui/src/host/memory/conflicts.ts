// Commands about what comes back from feeds, answered by a journal in memory.
import type {
  ConflictChoice,
  ConflictPart,
  ConflictView,
  Content,
  FeedHealth,
  FeedId,
  PostId,
  PostView,
  PullReport,
} from '../host';
import { type MemoryJournal, refuse } from './journal';
import { newest, pieces, titlesOf, viewOf } from './posts';
import type { Part } from './table';

export const NO_NEWS: PullReport = {
  changed: 0,
  conflicts: 0,
  gone: 0,
  files_missing: 0,
  held_back: [],
  unreachable: [],
  busy: [],
  locked: [],
  signed_out: [],
  denied: [],
};

export function conflicts(journal: MemoryJournal): Part<'pull' | 'pull_accept' | 'conflicts' | 'conflict_resolve'> {
  return {
    pull: () => {
      const read = [...journal.feeds.values()].filter(({ kind, enabled }) => kind !== 'folder' && enabled);
      if (!journal.online) {
        const unreachable = read.map(({ name }) => name);
        return { ...NO_NEWS, unreachable };
      }
      for (const feed of read) journal.feeds.set(feed.id, { ...feed, pulled_at: journal.now() });
      const named = (health: FeedHealth) => read.filter((feed) => feed.health === health).map(({ name }) => name);
      const [signed_out, locked] = [named('signed_out'), named('locked')];
      return { ...NO_NEWS, conflicts: journal.conflicts.size, signed_out, locked };
    },
    pull_accept: (id) => {
      const feed = journal.feed(id);
      journal.feeds.set(id, { ...feed, held_back: 0, pulled_at: journal.now() });
      return { ...NO_NEWS, gone: feed.held_back };
    },
    conflicts: () => [...journal.conflicts.values()],
    conflict_resolve: (choice) => resolve(journal, choice),
  };
}

/** The sides of a post as they were changed at a feed, and as they both began. */
export interface Told {
  post: PostId;
  feed: FeedId;
  base: Content['sides'];
  theirs: Content['sides'];
  /** Parts that merge by themselves, and what they become: `zh-Hans body`. */
  merged: { [part: string]: string };
}

/** Lays a conflict down, as the engine does after it read a change there. */
export function tellConflict(journal: MemoryJournal, { post, feed, base, theirs, merged }: Told): void {
  const { content, entry } = newest(journal.post(post));
  const parts: ConflictPart[] = [];
  for (const lang of Object.keys(content.sides)) {
    for (const part of ['title', 'body'] as const) {
      const [was, here, there] = [base, content.sides, theirs].map((sides) => sides[lang]?.[part] ?? '');
      if (was === undefined || here === undefined || there === undefined || (was === here && was === there)) continue;
      const became = merged[`${lang} ${part}`];
      parts.push({
        part,
        lang,
        merged: became !== undefined,
        base: was,
        ours: here,
        theirs: there,
        pieces: became === undefined ? [] : pieces(was, became),
        ours_pieces: pieces(was, here),
        theirs_pieces: pieces(was, there),
      });
    }
  }
  const { name } = journal.feed(feed);
  const view: ConflictView = {
    post,
    feed,
    feed_name: name,
    titles: titlesOf(content),
    ours: entry.id,
    ours_at: entry.updated_at,
    theirs: journal.nextId(),
    theirs_at: entry.updated_at - 2_000_000,
    parts: parts.sort((a, b) => Number(b.merged) - Number(a.merged)),
  };
  journal.conflicts.set(`${post}:${feed}`, view);
}

function resolve(journal: MemoryJournal, { post, feed, ours, theirs, resolve }: ConflictChoice): PostView {
  const key = `${post}:${feed}`;
  const conflict = journal.conflicts.get(key);
  // The user decided about something that is no more as they saw it: nothing is done.
  if (!conflict || conflict.ours !== ours || conflict.theirs !== theirs) refuse('conflict_changed');
  const held = journal.post(post);
  const last = newest(held);
  const content = structuredClone(last.content);
  if (resolve.how === 'theirs' || resolve.how === 'choose') {
    const wanted = resolve.how === 'choose' ? resolve.theirs : conflict.parts;
    for (const part of conflict.parts) {
      const side = part.lang === null ? undefined : content.sides[part.lang];
      if (!side || (part.part !== 'title' && part.part !== 'body')) continue;
      const chosen = wanted.some(({ part: name, lang }) => name === part.part && lang === part.lang);
      if (resolve.how === 'choose' && part.merged) side[part.part] = textOf(part);
      else if (chosen) side[part.part] = part.theirs;
    }
    held.revisions.push(journal.revision(content, journal.now(), [last.entry.id, theirs], 'merge'));
  }
  if (resolve.how === 'two_posts') journal.addPost(content, journal.now());
  journal.conflicts.delete(key);
  const receipt = journal.receiptFor(post, 'published', feed);
  const wanted = resolve.how === 'two_posts' ? 'off' : 'published';
  journal.addDelivery(post, feed, { state: wanted === 'off' ? 'idle' : 'synced', wanted, receipt });
  journal.emit({ event: 'posts_changed', posts: [post] });
  journal.announce(feed);
  return viewOf(held, journal.assets, journal.deliveriesOf(post));
}

function textOf({ pieces }: ConflictPart): string {
  return pieces
    .filter(({ kind }) => kind !== 'removed')
    .map(({ text }) => text)
    .join('');
}
