// Which posts begin with files that arrived. Pure: files in, contents out.
import type { AssetView, Content, ImportedFile, Moment } from '../host/host';

/** A post holds at most this many attachments (`domain/limits.rs`). */
export const MOST_ATTACHMENTS = 200;

interface Arrival {
  name: string;
  asset: AssetView;
}

/** One post with all the files; when they are more than it can hold, one for each day on which they were taken. */
export function together(files: ImportedFile[], now: Moment): Content[] {
  const arrived = each(files);
  return arrived.length <= MOST_ATTACHMENTS ? [begin(arrived, now)] : byDay(files, now);
}

/** A post for each day on which the files were taken, oldest first; what has no date belongs to today. */
export function byDay(files: ImportedFile[], now: Moment): Content[] {
  const days = new Map<string, Arrival[]>();
  const sorted = each(files).sort((a, b) => (a.asset.taken ?? now).at - (b.asset.taken ?? now).at);
  for (const arrival of sorted) {
    const day = dayOf(arrival.asset.taken ?? now);
    days.set(day, [...(days.get(day) ?? []), arrival]);
  }
  return [...days.values()].flatMap((day) => inParts(day)).map((part) => begin(part, now));
}

/** Files that are in the journal, each original once. */
function each(files: ImportedFile[]): Arrival[] {
  const seen = new Set<string>();
  return files.flatMap(({ asset, name }) => {
    if (asset === null || seen.has(asset.id)) return [];
    seen.add(asset.id);
    return [{ asset, name }];
  });
}

/** About the moment, and at the place, that the first file with one tells. */
function begin(arrived: Arrival[], now: Moment): Content {
  const point = arrived.find(({ asset }) => asset.point !== null)?.asset.point ?? null;
  return {
    sides: {},
    attachments: arrived.map(({ asset, name }) => ({ asset: asset.id, name, alt: {} })),
    cover: null,
    topics: [],
    moment: arrived.find(({ asset }) => asset.taken !== null)?.asset.taken ?? now,
    place: point ? { name: '', point } : null,
  };
}

function inParts(arrived: Arrival[]): Arrival[][] {
  const parts: Arrival[][] = [];
  for (let at = 0; at < arrived.length; at += MOST_ATTACHMENTS) parts.push(arrived.slice(at, at + MOST_ATTACHMENTS));
  return parts;
}

/** The day on the wall where it was taken. */
function dayOf({ at, zone }: Moment): string {
  try {
    return new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(at);
  } catch {
    // A zone that the engine does not know counts as UTC, as in the core.
    return new Intl.DateTimeFormat('en-CA', { timeZone: 'UTC' }).format(at);
  }
}
