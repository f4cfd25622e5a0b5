// How a journal in memory stands with its feeds, in one word, as the core says it. Pure.
import type { Connection, DeliveryView, FeedView } from '../host';
import { isWaiting } from './posts';

export function connectionOf(feeds: FeedView[], deliveries: DeliveryView[], online: boolean): Connection {
  const waiting = deliveries.filter(isWaiting);
  const needs_you = deliveries.filter(({ state }) => state === 'needs_you').length;
  const unreachable = online ? [] : [...new Set(waiting.map(({ feed_name }) => feed_name))];
  const counts = { waiting: waiting.length, needs_you, unreachable };
  if (!feeds.some(({ enabled }) => enabled)) return { state: 'no_feed', ...counts };
  if (unreachable.length > 0) return { state: 'offline', ...counts };
  if (needs_you > 0) return { state: 'needs_you', ...counts };
  if (waiting.some(({ state }) => state === 'sending' || state === 'uploading')) return { state: 'sending', ...counts };
  return { state: waiting.length > 0 ? 'waiting' : 'all_sent', ...counts };
}
