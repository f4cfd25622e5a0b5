// The moment a post is about, in full: weekday, day, time and zone, as the interface's language writes them.
import { locale } from '../../app/locale.svelte';
import type { Moment } from '../../host/host';

const PARTS: Intl.DateTimeFormatOptions = {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
};

export function momentInFull({ at, zone }: Moment): string {
  const tag = locale.current === 'en' ? 'en-GB' : locale.current;
  const name = zone.replaceAll('_', ' ');
  try {
    return `${new Intl.DateTimeFormat(tag, { ...PARTS, timeZone: zone }).format(at)} · ${name}`;
  } catch {
    // An engine that does not know the zone shows UTC, as the core does, and says so.
    return `${new Intl.DateTimeFormat(tag, { ...PARTS, timeZone: 'UTC' }).format(at)} · UTC`;
  }
}
