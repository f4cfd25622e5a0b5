// A feed's state in words: switched off, or how it answered last. Learnt from answers, never guessed.
import type { Tone } from '../../components/Pill.svelte';
import type { FeedHealth, FeedView } from '../../host/host';
import { m } from '../../paraglide/messages';

const HEALTH: Record<FeedHealth, { tone: Tone; text: () => string }> = {
  unknown: { tone: 'calm', text: m.feeds_state_unknown },
  reachable: { tone: 'ok', text: m.feeds_state_reachable },
  unreachable: { tone: 'wait', text: m.feeds_state_unreachable },
  denied: { tone: 'bad', text: m.feeds_state_denied },
  signed_out: { tone: 'bad', text: m.feeds_state_signed_out },
};

export function healthOf(feed: FeedView): { tone: Tone; text: string } {
  if (!feed.enabled) return { tone: 'calm', text: m.feeds_state_off() };
  const { tone, text } = HEALTH[feed.health];
  return { tone, text: text() };
}

/** What a test found, with what to do. */
export function testResult(health: FeedHealth): { tone: Tone; text: string } {
  if (health === 'reachable') return { tone: 'ok', text: m.feeds_test_ok() };
  if (health === 'denied') return { tone: 'bad', text: m.feeds_test_denied() };
  return { tone: 'wait', text: m.feeds_test_unreachable() };
}
