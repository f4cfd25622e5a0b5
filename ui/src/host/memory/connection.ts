// How a journal in memory stands with its feeds, in one word, as the core says it. Pure.
import type { Connection, DeliveryView, FeedView } from '../host';
import { isWaiting } from './posts';

export function connectionOf(feeds: FeedView[], deliveries: DeliveryView[], online: boolean): Connection {
  const all = deliveries.filter(isWaiting);
  const waiting = all.filter(({ paused }) => !paused);
  const needs_you = deliveries.filter(({ state }) => state === 'needs_you').length;
  const unreachable = online ? [] : [...new Set(waiting.map(({ feed_name }) => feed_name))];
  const paused = all.length - waiting.length;
  const counts = { waiting: waiting.length, paused, needs_you, unreachable };
  if (unreachable.length > 0) return { state: 'offline', ...counts };
  if (needs_you > 0) return { state: 'needs_you', ...counts };
  if (waiting.some(({ state }) => state === 'sending' || state === 'uploading')) return { state: 'sending', ...counts };
  if (waiting.length > 0) return { state: 'waiting', ...counts };
  if (paused > 0) return { state: 'paused', ...counts };
  return { state: feeds.some(({ enabled }) => enabled) ? 'all_sent' : 'no_feed', ...counts };
}
