// Which posts are about this day in an earlier year. The day is the one on the wall where the post was lived.
import type { IndexEntry, Moment, PostId } from '../../host/host';

const DAY = 86_400_000;
/** Enough for every year of a long life, and one question to the journal. */
const MOST = 40;

/** Posts that may be about this day: within a day of it in UTC, because the index knows no zones. Newest first. */
export function anniversaries(index: IndexEntry[], now: number): PostId[] {
  const found: PostId[] = [];
  for (const { id, at } of index) {
    if (now - at < 300 * DAY) continue;
    const then = new Date(at);
    const anniversary = new Date(now).setUTCFullYear(then.getUTCFullYear());
    if (Math.abs(anniversary - at) < 2 * DAY) found.push(id);
    if (found.length === MOST) break;
  }
  return found;
}

/** Whether a moment was on this month and day, in its own zone, in an earlier year. */
export function sameDay(moment: Moment, now: number): boolean {
  const [year, day] = wallDay(moment.at, moment.zone);
  const [thisYear, today] = wallDay(now, undefined);
  return day === today && year < thisYear;
}

export function yearsAgo(moment: Moment, now: number): number {
  return wallDay(now, undefined)[0] - wallDay(moment.at, moment.zone)[0];
}

/** Year, and month with day. */
function wallDay(at: number, zone: string | undefined): [number, string] {
  const parts = format(zone).formatToParts(at);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '';
  return [Number(part('year')), `${part('month')}-${part('day')}`];
}

function format(zone: string | undefined): Intl.DateTimeFormat {
  const options = { year: 'numeric', month: 'numeric', day: 'numeric' } as const;
  try {
    return new Intl.DateTimeFormat('en', zone === undefined ? options : { ...options, timeZone: zone });
  } catch {
    // A zone that the engine does not know counts as UTC, as in the core.
    return new Intl.DateTimeFormat('en', { ...options, timeZone: 'UTC' });
  }
}
