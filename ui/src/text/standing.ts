// Where one post stands at one feed, in words that claim nothing more than is known.
import type { Tone } from '../components/Pill.svelte';
import type { DeliveryView, Manner, NeedsYou, OutboxEntry, Timestamp } from '../host/host';
import { m } from '../paraglide/messages';
import { bytes, number, when } from './format';

export interface Standing {
  tone: Tone;
  text: string;
}

/** One or two words, for a pill. */
export function standing(delivery: DeliveryView, now: Timestamp): Standing {
  if (isPaused(delivery)) return { tone: 'calm', text: m.outbox_pill_paused() };
  switch (delivery.state) {
    case 'needs_you':
      return { tone: 'bad', text: m.outbox_pill_needs_you() };
    case 'unknown':
      return { tone: 'ask', text: m.outbox_pill_checking() };
    case 'uploading':
    case 'sending':
      return { tone: 'wait', text: m.outbox_pill_sending() };
    case 'queued':
      return { tone: 'wait', text: isRetrying(delivery) ? m.outbox_pill_offline() : m.outbox_pill_waiting() };
    case 'idle':
    case 'synced':
      return settled(delivery, now);
  }
}

function settled(delivery: DeliveryView, now: Timestamp): Standing {
  const known = delivery.receipt?.known ?? 'off';
  if (known === 'withdrawn') return { tone: 'calm', text: m.outbox_pill_withdrawn() };
  if (known === 'off') return { tone: 'calm', text: m.outbox_pill_off() };
  if (delivery.changed_since) return { tone: 'calm', text: m.outbox_pill_changed() };
  if (known === 'published' && isScheduled(delivery.manner, now)) {
    return { tone: 'ok', text: m.outbox_pill_scheduled() };
  }
  return { tone: 'ok', text: known === 'draft' ? m.outbox_pill_draft() : m.outbox_pill_published() };
}

/** What goes with a post, where that is known. */
type Load = Pick<OutboxEntry, 'files' | 'size'>;

/** One line that says what is known and what comes next. */
export function standingLine(delivery: DeliveryView, now: Timestamp, load: Load | null = null): string {
  if (isPaused(delivery)) return m.outbox_line_paused();
  switch (delivery.state) {
    case 'needs_you':
      return neededLine(reasonOf(delivery).what(), delivery.file);
    case 'unknown':
      return delivery.next_at !== null && delivery.next_at > now
        ? m.outbox_line_unknown_at({ time: when(delivery.next_at, now) })
        : m.outbox_line_unknown();
    case 'uploading':
      return uploadLine(delivery);
    case 'sending':
      return m.outbox_line_sending();
    case 'queued':
      return waitingLine(delivery, load, now);
    case 'idle':
    case 'synced':
      return settledLine(delivery, now);
  }
}

type Uploading = Extract<DeliveryView, { state: 'uploading' }>;

/** Bytes where the feed's kind counts them, else whole files. */
function uploadLine(delivery: Uploading): string {
  const { done, total, bytes: left, total_bytes } = delivery;
  if (total_bytes === 0) return m.outbox_line_uploading({ done: number(done), total: number(total) });
  const percent = number(percentOf(delivery));
  return m.outbox_line_bytes({ percent, done: bytes(left), total: bytes(total_bytes) });
}

/** How much of an upload is done; never 100 before it is. */
export function percentOf({ bytes: left, total_bytes }: Uploading): number {
  if (total_bytes === 0) return 0;
  return Math.min(left >= total_bytes ? 100 : 99, Math.round((left / total_bytes) * 100));
}

/** How far the files of a delivery are: files, and the part of the whole; null where none is on its way. */
export function wayOf(delivery: DeliveryView): { done: number; total: number; part: number } | null {
  if (delivery.state === 'uploading') {
    const { done, total, bytes: left, total_bytes } = delivery;
    return { done, total, part: total_bytes > 0 ? left / total_bytes : done / total };
  }
  const { reached } = delivery;
  return delivery.state === 'queued' && reached ? { ...reached, part: reached.done / reached.total } : null;
}

function waitingLine(delivery: DeliveryView, load: Load | null, now: Timestamp): string {
  const { reached } = delivery;
  const next = delivery.next_at !== null && delivery.next_at > now ? when(delivery.next_at, now) : null;
  if (reached) {
    const facts = { done: number(reached.done), total: number(reached.total) };
    return next === null ? m.outbox_line_reached(facts) : m.outbox_line_reached_at({ ...facts, time: next });
  }
  if (isRetrying(delivery)) return next === null ? m.outbox_line_unreachable() : m.outbox_line_retry({ time: next });
  if (delivery.wanted === 'withdrawn') return m.outbox_line_withdrawing();
  const { publish_at } = delivery.manner;
  if (publish_at !== null && isScheduled(delivery.manner, now)) {
    return m.outbox_line_held({ time: when(publish_at, now) });
  }
  if (load === null) return m.outbox_line_waits();
  return load.files > 0 ? m.outbox_line_files({ files: load.files, size: bytes(load.size) }) : m.outbox_line_text();
}

function settledLine({ receipt, manner, from_there }: DeliveryView, now: Timestamp): string {
  if (!receipt) return m.outbox_pill_off();
  const time = when(receipt.confirmed_at, now);
  if (receipt.known === 'withdrawn') return m.outbox_line_withdrawn({ time });
  if (from_there) return m.outbox_line_came({ time });
  if (receipt.known === 'draft') {
    const id = receipt.remote_id;
    // A number is how people find a draft there; a feed's longer names mean nothing to them.
    return /^\d{1,9}$/.test(id) ? m.outbox_line_draft_id({ id, time }) : m.outbox_line_draft({ time });
  }
  if (isScheduled(manner, now)) return m.outbox_line_scheduled({ time: when(manner.publish_at ?? now, now) });
  return m.outbox_line_published({ time });
}

/** What only the user can see to, and at which file. */
function neededLine(what: string, file: string | undefined): string {
  return file === undefined ? what : m.outbox_about_file({ what, file });
}

/** The feed has it and makes it public later. */
export function isScheduled({ publish_at }: Manner, now: Timestamp): boolean {
  return publish_at !== null && publish_at > now;
}

/** It was tried and the feed did not answer: the next try lies after the last change. */
function isRetrying(delivery: DeliveryView): boolean {
  return delivery.next_at !== null && delivery.next_at > delivery.updated_at;
}

/** It would go on by itself, but its feed is switched off. */
export function isPaused({ paused, state }: DeliveryView): boolean {
  return paused && state !== 'idle' && state !== 'synced' && state !== 'needs_you';
}

/** Somebody took it away there. */
export function isGone(delivery: DeliveryView): boolean {
  return delivery.state === 'needs_you' && delivery.reason === 'gone_there';
}

/** It was changed here and there: the user brings the versions together before anything is sent. */
export function isInConflict(delivery: DeliveryView): boolean {
  return delivery.state === 'needs_you' && delivery.reason === 'conflict';
}

/** Where the post can be looked at there; nowhere once it is gone or taken back. */
export function linkOf(delivery: DeliveryView): string | null {
  const { receipt } = delivery;
  return receipt === null || receipt.known === 'withdrawn' || isGone(delivery) ? null : receipt.url;
}

type Stuck = Pick<Extract<DeliveryView, { state: 'needs_you' }>, 'reason' | 'wanted'>;
interface Reason {
  what: () => string;
  todo: () => string;
}

/** Why only the user can go on, and what they can do. Of a post that shall not be there any more nothing is to be sent. */
export function reasonOf({ reason, wanted }: Stuck): Reason {
  const sending = REASONS[reason];
  return wanted === 'withdrawn' ? { ...sending, todo: m.outbox_down_todo, ...TAKING_DOWN[reason] } : sending;
}

/** What is said otherwise where a post shall be taken down. */
const TAKING_DOWN: Partial<Record<NeedsYou, Partial<Reason>>> = {
  refused: { what: m.outbox_down_refused },
  full: { todo: m.outbox_down_full_todo },
  denied: { todo: m.outbox_down_denied_todo },
  changed_there: { todo: m.outbox_down_changed_todo },
  signed_out: { todo: m.outbox_down_signed_out_todo },
  maybe_there: { what: m.outbox_down_maybe, todo: m.outbox_down_maybe_todo },
};

/** Where a post shall be sent. Exhaustive by type. */
const REASONS: Record<NeedsYou, Reason> = {
  refused: { what: m.outbox_refused, todo: m.outbox_refused_todo },
  too_large: { what: m.outbox_too_large, todo: m.outbox_too_large_todo },
  full: { what: m.outbox_full, todo: m.outbox_full_todo },
  denied: { what: m.outbox_denied, todo: m.outbox_denied_todo },
  changed_there: { what: m.outbox_changed_there, todo: m.outbox_changed_there_todo },
  gone_there: { what: m.outbox_gone_there, todo: m.outbox_gone_there_todo },
  part_gone: { what: m.outbox_part_gone, todo: m.outbox_part_gone_todo },
  cannot_strip: { what: m.outbox_cannot_strip, todo: m.outbox_cannot_strip_todo },
  media_damaged: { what: m.outbox_media_damaged, todo: m.outbox_media_damaged_todo },
  signed_out: { what: m.outbox_signed_out, todo: m.outbox_signed_out_todo },
  too_long: { what: m.outbox_text_too_long, todo: m.outbox_text_too_long_todo },
  alt_too_long: { what: m.outbox_alt_too_long, todo: m.outbox_alt_too_long_todo },
  too_many_files: { what: m.outbox_too_many_files, todo: m.outbox_split_todo },
  mixed: { what: m.outbox_mixed, todo: m.outbox_split_todo },
  cannot_change: { what: m.outbox_cannot_change, todo: m.outbox_cannot_change_todo },
  kept_back: { what: m.outbox_kept_back, todo: m.outbox_kept_back_todo },
  maybe_there: { what: m.outbox_maybe_there, todo: m.outbox_maybe_there_todo },
  copied: { what: m.outbox_copied, todo: m.outbox_copied_todo },
  conflict: { what: m.outbox_conflict, todo: m.outbox_conflict_todo },
};
