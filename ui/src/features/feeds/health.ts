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
  locked: { tone: 'bad', text: m.feeds_state_locked },
};

export function healthOf(feed: FeedView): { tone: Tone; text: string } {
  if (!feed.enabled) return { tone: 'calm', text: m.feeds_state_off() };
  const { tone, text } = HEALTH[feed.health];
  return { tone, text: text() };
}

/** What a test found, with what to do. A folder and a feed on the network fail for different reasons. */
export function testResult({ kind, health }: FeedView): { tone: Tone; text: string } {
  const isFolder = kind === 'folder';
  switch (health) {
    case 'reachable':
      return { tone: 'ok', text: isFolder ? m.feeds_test_ok() : m.feeds_test_network_ok() };
    case 'denied':
      return { tone: 'bad', text: isFolder ? m.feeds_test_denied() : m.feeds_test_network_denied() };
    case 'signed_out':
      return { tone: 'bad', text: m.feeds_test_network_signed_out() };
    case 'locked':
      return { tone: 'bad', text: m.feeds_test_locked() };
    case 'unreachable':
    case 'unknown':
      return { tone: 'wait', text: isFolder ? m.feeds_test_unreachable() : m.feeds_test_network_unreachable() };
  }
}
