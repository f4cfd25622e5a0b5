// What the writer should know before the post leaves. Pure: facts in, sentences' ingredients out.
import type { FeedView, Lang, PostPreview, Preflight } from '../../host/host';
import { filesMet, type Met } from './obstacles';
import { isEmpty, type SideDraft } from './sides.svelte';

export type Check =
  | { kind: 'location'; files: number }
  | { kind: 'alt'; done: number; total: number }
  | { kind: 'clips'; clips: number }
  | { kind: 'sides'; n: number }
  | { kind: 'empty_side'; lang: Lang }
  | { kind: 'no_title'; lang: Lang }
  | { kind: 'blocked'; name: string }
  | ({ kind: 'obstacle' } & Met);

/** What would be made of the post for a feed that it goes to. */
export interface Going {
  feed: FeedView;
  preview: PostPreview | undefined;
}

export interface Judged {
  check: Check;
  /** Fine, worth a look, or in the way. */
  weight: 'fine' | 'look' | 'stop';
}

/** In the order of their weight: what stops the post stands above what is only worth a look. */
export function checksOf(
  sides: readonly SideDraft[],
  preflight: Preflight | null,
  going: readonly Going[] = [],
): Judged[] {
  const checks = [...going.flatMap(obstaclesOf), ...filesOf(preflight), ...sidesOf(sides)];
  const order = { stop: 0, fine: 1, look: 2 };
  return checks.sort((a, b) => order[a.weight] - order[b.weight]);
}

/** What keeps the post from one feed. An empty post and a file that never leaves are said once, not for each feed. */
function obstaclesOf({ feed, preview }: Going): Judged[] {
  const said = (preview?.obstacles ?? []).filter((obstacle) => obstacle !== 'empty' && obstacle !== 'cannot_strip');
  const lengths = preview?.items.map(({ length }) => length ?? 0) ?? [];
  return said.map((obstacle) => {
    const isLong = obstacle === 'too_long';
    const limit = isLong ? feed.limits.text : obstacle === 'too_many_files' ? feed.limits.attachments : null;
    const length = isLong && limit !== null ? Math.max(...lengths) : null;
    const files = filesMet(obstacle, preview);
    return { check: { kind: 'obstacle', obstacle, feed: feed.name, length, limit, files }, weight: 'stop' };
  });
}

function filesOf(preflight: Preflight | null): Judged[] {
  if (!preflight || preflight.attachments === 0) return [];
  const { attachments, alt_complete, location_removed, clips, blocked } = preflight;
  const judged: Judged[] = blocked.map(({ name }) => ({ check: { kind: 'blocked', name }, weight: 'stop' }));
  judged.push({ check: { kind: 'location', files: location_removed }, weight: 'fine' });
  const isComplete = alt_complete === attachments;
  judged.push({ check: { kind: 'alt', done: alt_complete, total: attachments }, weight: isComplete ? 'fine' : 'look' });
  if (clips > 0) judged.push({ check: { kind: 'clips', clips }, weight: 'look' });
  return judged;
}

function sidesOf(sides: readonly SideDraft[]): Judged[] {
  const empty = sides.filter(isEmpty);
  if (empty.length === sides.length) return [];
  const judged: Judged[] = empty.map(({ lang }) => ({ check: { kind: 'empty_side', lang }, weight: 'look' }));
  const untitled = sides.filter((side) => !isEmpty(side) && side.title.trim() === '');
  judged.push(...untitled.map(({ lang }): Judged => ({ check: { kind: 'no_title', lang }, weight: 'look' })));
  if (empty.length === 0 && sides.length > 1)
    judged.push({ check: { kind: 'sides', n: sides.length }, weight: 'fine' });
  return judged;
}
