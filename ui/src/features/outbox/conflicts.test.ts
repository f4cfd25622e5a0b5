import { beforeEach, describe, expect, it } from 'vitest';
import type { Content, ConflictView } from '../../host/host';
import { tellConflict } from '../../host/memory/conflicts';
import { MemoryHost } from '../../host/memory/memory';
import { Conflicts } from './conflicts.svelte';
import { mergedMarks, sideMarks } from './marks';

let host: MemoryHost;
let conflicts: Conflicts;
let post: string;
let feed: string;

const sides = (title: string, body: string): Content['sides'] => ({ en: { title, body } });

function tell(theirs: Content['sides']): void {
  tellConflict(host, {
    post,
    feed,
    base: sides('A path', 'Quiet.'),
    theirs,
    merged: { 'en body': 'Quiet. A fox. Rain.' },
  });
}

function only(): ConflictView {
  const found = conflicts.find(post, feed);
  if (!found) throw new Error('the conflict is there');
  return found;
}

const title = () => host.posts.get(post)?.revisions.at(-1)?.content.sides['en']?.title;

beforeEach(async () => {
  host = new MemoryHost();
  feed = host.addFeed('Blog', true, { kind: 'wordpress' });
  const content = { attachments: [], cover: null, topics: [], moment: { at: 0, zone: 'UTC' }, place: null };
  post = host.addPost({ ...content, sides: sides('A long path', 'Quiet. A fox.') });
  host.addDelivery(post, feed, { state: 'needs_you', reason: 'conflict' } as never);
  tell(sides('A short path', 'Quiet. Rain.'));
  conflicts = new Conflicts(host);
  await conflicts.list.load();
});

describe('a post in two versions', () => {
  it('takes from here what nobody chose, and merges what merges by itself', async () => {
    expect(await conflicts.use(only())).toBe(true);
    expect(title()).toBe('A long path');
    expect(host.posts.get(post)?.revisions.at(-1)?.content.sides['en']?.body).toBe('Quiet. A fox. Rain.');
    expect(conflicts.list.value).toEqual([]);
  });

  it('takes from there what was chosen from there', async () => {
    const part = only().parts.find((one) => one.part === 'title');
    if (!part) throw new Error('the titles differ');
    conflicts.choose(only(), part, 'theirs');
    await conflicts.use(only());
    expect(title()).toBe('A short path');
  });

  it('is not touched when one of the versions is another by now, and the choice is made anew', async () => {
    const seen = only();
    const [part] = seen.parts.filter((one) => !one.merged);
    if (!part) throw new Error('the titles differ');
    conflicts.choose(seen, part, 'theirs');
    tell(sides('A steep path', 'Quiet. Rain.'));
    expect(await conflicts.use(seen)).toBe(false);
    expect([conflicts.wasLate, conflicts.error, title()]).toEqual([true, null, 'A long path']);
    expect(only().theirs, 'the newest versions are shown').not.toBe(seen.theirs);
    expect(conflicts.chosen(only(), part)).toBe('ours');
  });

  it('can become two posts', async () => {
    await conflicts.resolve(only(), { how: 'two_posts' });
    expect(host.posts.size).toBe(2);
  });

  it('stays when it could not be brought together, and says why', async () => {
    host.failing.set('conflict_resolve', { code: 'disk_full' });
    expect(await conflicts.use(only())).toBe(false);
    expect(conflicts.error).toEqual({ code: 'disk_full' });
  });
});

describe('the marks', () => {
  const piece = (kind: 'same' | 'added' | 'removed', text: string) => ({ kind, text });
  const part = {
    part: 'body' as const,
    lang: 'zh-Hans',
    merged: true,
    base: '很安静。',
    ours: '很安静。狐狸。',
    theirs: '很安静。腿酸。',
    pieces: [piece('same', '很安静。'), piece('added', '狐狸。'), piece('added', '腿酸。')],
    ours_pieces: [piece('same', '很安静。'), piece('added', '狐狸。')],
    theirs_pieces: [piece('same', '很'), piece('removed', '安静。'), piece('added', '静。腿酸。')],
  };

  it('say of every new piece of a merged text where it came from', () => {
    expect(mergedMarks(part).map(({ kind }) => kind)).toEqual(['same', 'ours', 'theirs']);
  });

  it('show a side as it reads, without what it took away', () => {
    expect(
      sideMarks(part, 'theirs')
        .map(({ text }) => text)
        .join(''),
    ).toBe('很静。腿酸。');
  });
});
