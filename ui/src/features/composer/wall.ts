// A moment as a clock on a wall shows it, and back. Pure; the zone is an IANA name or a fixed offset such as `+08:00`.
import { CalendarDateTime, fromAbsolute, toZoned } from '@internationalized/date';
import type { Moment } from '../../host/host';

const OFFSET = /^([+-])(\d{2}):(\d{2})$/;

/** The wall clock at the moment; an unknown zone counts as UTC, as in the core. */
export function toWall({ at, zone }: Moment): CalendarDateTime {
  const offset = offsetMillis(zone);
  const zoned = offset === null ? fromAbsolute(at, known(zone)) : fromAbsolute(at + offset, 'UTC');
  return new CalendarDateTime(zoned.year, zoned.month, zoned.day, zoned.hour, zoned.minute, zoned.second);
}

/** The moment at which that wall clock showed that time. In a gap or overlap of summer time: the later clock, the earlier instant. */
export function fromWall(wall: CalendarDateTime, zone: string): Moment {
  const offset = offsetMillis(zone);
  const at =
    toZoned(wall, offset === null ? known(zone) : 'UTC')
      .toDate()
      .getTime() - (offset ?? 0);
  return { at, zone };
}

export function here(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Every zone to choose from, this computer's and the post's own among them. */
export function zones(current: string): string[] {
  return [...new Set([current, here(), 'UTC', ...Intl.supportedValuesOf('timeZone')])].filter(Boolean);
}

function known(zone: string): string {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return zone;
  } catch {
    return 'UTC';
  }
}

/** Engines differ in whether they know fixed offsets as zones, so those are counted here. */
function offsetMillis(zone: string): number | null {
  const parts = OFFSET.exec(zone);
  if (!parts) return null;
  const millis = (Number(parts[2]) * 60 + Number(parts[3])) * 60_000;
  return parts[1] === '-' ? -millis : millis;
}
