// What a post's deliveries come to, in one pill: what needs the person first, then what waits, then what is confirmed.
import type { Tone } from '../components/Pill.svelte';
import type { DeliveryView } from '../host/host';
import { m } from '../paraglide/messages';
import { feedName } from './feedname';
import { isPaused } from './standing';

export interface Summary {
  tone: Tone;
  text: string;
}

export function summarise(deliveries: DeliveryView[]): Summary | null {
  const wanted = deliveries.filter(({ wanted }) => wanted !== 'off');
  const going = wanted.filter((delivery) => !isPaused(delivery));
  const count = (...states: DeliveryView['state'][]) => going.filter(({ state }) => states.includes(state)).length;
  if (count('needs_you') > 0) return { tone: 'bad', text: m.delivery_needs_you() };
  if (count('unknown') > 0) return { tone: 'ask', text: m.delivery_checking() };
  if (count('uploading', 'sending') > 0) return { tone: 'wait', text: m.delivery_sending() };
  const waiting = count('queued');
  if (waiting > 0) return { tone: 'wait', text: m.delivery_waiting({ count: waiting }) };
  if (going.length < wanted.length) return { tone: 'calm', text: m.outbox_pill_paused() };
  const there = wanted.filter(({ state, receipt }) => state === 'synced' && receipt?.known !== 'withdrawn');
  const [only] = there;
  if (!only) return null;
  if (there.some(({ changed_since }) => changed_since)) return { tone: 'calm', text: m.delivery_changed() };
  return {
    tone: 'ok',
    text: there.length === 1 ? feedName(only.feed_name) : m.delivery_feeds({ count: there.length }),
  };
}
