// Dates, numbers and sizes as the interface's language writes them. Reads the locale, never the clock.
import { locale } from '../app/locale.svelte';
import type { Moment, Timestamp } from '../host/host';

const cache = new Map<string, Intl.DateTimeFormat>();

/** Formats are dear to make and asked for thousands of times while scrolling. */
function dateFormat(options: Intl.DateTimeFormatOptions, zone?: string): Intl.DateTimeFormat {
  const key = `${locale.current}|${zone ?? ''}|${JSON.stringify(options)}`;
  const known = cache.get(key);
  if (known) return known;
  const made = make(options, zone);
  cache.set(key, made);
  return made;
}

function make(options: Intl.DateTimeFormatOptions, zone?: string): Intl.DateTimeFormat {
  // British order ("11 Jan 2025") is the one that no English reader misreads.
  const tag = locale.current === 'en' ? 'en-GB' : locale.current;
  try {
    return new Intl.DateTimeFormat(tag, zone === undefined ? options : { ...options, timeZone: zone });
  } catch {
    // An engine that does not know the zone shows the day in UTC, as the core does.
    return new Intl.DateTimeFormat(tag, { ...options, timeZone: 'UTC' });
  }
}

/** The day on the wall calendar of the moment's zone; the year only when it is not `thisYear`. */
export function day(moment: Moment, thisYear: number): string {
  const parts = dateFormat({ year: 'numeric' }, moment.zone).formatToParts(moment.at);
  const year = Number(parts.find((part) => part.type === 'year')?.value);
  return dateFormat(
    { day: 'numeric', month: 'short', ...(year === thisYear ? {} : { year: 'numeric' }) },
    moment.zone,
  ).format(moment.at);
}

/** Day and time on the wall clock of the moment's zone. */
export function dayAndTime(moment: Moment): string {
  return dateFormat(
    { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
    moment.zone,
  ).format(moment.at);
}

/** An instant on this computer's clock: time today, day and time otherwise, with the year when it is another one. */
export function when(at: Timestamp, now: Timestamp): string {
  const [then, today] = [new Date(at), new Date(now)];
  const time = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  if (then.toDateString() === today.toDateString()) return dateFormat(time).format(at);
  const year = then.getFullYear() === today.getFullYear() ? {} : ({ year: 'numeric' } as const);
  return dateFormat({ day: 'numeric', month: 'short', ...year, ...time }).format(at);
}

export function number(value: number): string {
  return new Intl.NumberFormat(locale.current).format(value);
}

/** Decimal units, as file windows of every system but one show them. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = value;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  const digits = unit > 1 && size < 100 ? 1 : 0;
  return `${new Intl.NumberFormat(locale.current, { maximumFractionDigits: digits }).format(size)} ${units[unit] ?? ''}`;
}

/** Length of a clip: 0:42, 12:05, 1:02:03. */
export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, at) => (at === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
}
