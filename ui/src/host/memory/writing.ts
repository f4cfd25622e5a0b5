// Commands about posts and their history, answered by a journal in memory.
import type { DraftInput, DraftSaved, PostId } from '../host';
import { type MemoryJournal, refuse } from './journal';
import { cardOf, countsOf, diffOf, fits, indexEntryOf, newest, type Post, titlesOf, viewOf } from './posts';
import type { Part } from './table';

type Names =
  | 'counts'
  | 'post_index'
  | 'post_cards'
  | 'post_get'
  | 'draft_save'
  | 'draft_seal'
  | 'post_delete'
  | 'post_undelete'
  | 'history'
  | 'revision_diff'
  | 'revision_restore';

export function writing(journal: MemoryJournal): Part<Names> {
  const { posts, assets } = journal;
  return {
    counts: () => countsOf([...posts.values()], (post) => journal.deliveriesOf(post)),
    post_index: (filter) =>
      [...posts.values()]
        .filter((post) => fits(post, filter, assets, journal.deliveriesOf(post.id)))
        .map((post) => indexEntryOf(post, assets))
        .sort((a, b) => b.at - a.at),
    post_cards: (ids) =>
      ids
        .map((id) => posts.get(id))
        .filter((post) => post !== undefined)
        .map((post) => cardOf(post, assets, journal.deliveriesOf(post.id))),
    post_get: (id) => viewOf(journal.post(id), assets, journal.deliveriesOf(id)),
    draft_save: (draft) => save(journal, draft),
    draft_seal: (id) => {
      journal.post(id).sealed = true;
      return null;
    },
    post_delete: (id) => bin(journal, id, journal.now()),
    post_undelete: (id) => bin(journal, id, null),
    history: (id) =>
      journal
        .post(id)
        .revisions.map(({ entry }) => entry)
        .reverse(),
    revision_diff: ({ from, to }) => {
      const post = [...posts.values()].find(({ revisions }) => revisions.some(({ entry }) => entry.id === to));
      return (post && diffOf(post, from, to, assets)) ?? refuse('revision_not_found');
    },
    revision_restore: ({ post: id, revision }) => {
      const post = journal.post(id);
      const old = post.revisions.find(({ entry }) => entry.id === revision) ?? refuse('revision_not_found');
      post.revisions.push(journal.revision(old.content, journal.now(), [newest(post).entry.id], 'restore'));
      post.sealed = true;
      return saved(post, false);
    },
  };
}

function save(journal: MemoryJournal, { post: id, base, version, content }: DraftInput): DraftSaved {
  const now = journal.now();
  if (id === null) {
    const post = journal.post(journal.addPost(content, now));
    post.sealed = false;
    journal.emit({ event: 'posts_changed', posts: [post.id] });
    return saved(post, false);
  }
  const post = journal.post(id);
  const last = newest(post);
  const superseded = base !== last.entry.id || version !== last.version;
  if (post.sealed || superseded) post.revisions.push(journal.revision(content, now, [last.entry.id]));
  else
    Object.assign(last, {
      content,
      version: last.version + 1,
      entry: { ...last.entry, updated_at: now, titles: titlesOf(content) },
    });
  post.sealed = false;
  for (const delivery of journal.deliveriesOf(id)) {
    if (delivery.receipt) journal.deliveries.set(delivery.id, { ...delivery, changed_since: true });
  }
  journal.emit({ event: 'posts_changed', posts: [id] });
  return saved(post, superseded);
}

function saved(post: Post, superseded: boolean): DraftSaved {
  const { entry, version } = newest(post);
  return {
    post: post.id,
    revision: entry.id,
    version,
    saved_at: entry.updated_at,
    versions: post.revisions.length,
    superseded,
  };
}

function bin(journal: MemoryJournal, id: PostId, at: number | null): null {
  journal.post(id).deleted_at = at;
  journal.emit({ event: 'posts_changed', posts: [id] });
  return null;
}
