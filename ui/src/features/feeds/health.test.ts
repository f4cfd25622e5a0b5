import { describe, expect, it } from 'vitest';
import { MemoryHost } from '../../host/memory/memory';
import { m } from '../../paraglide/messages';
import { healthOf, testResult } from './health';

describe('a locked keychain', () => {
  it('is told as one, and nobody is said to be signed out', () => {
    const host = new MemoryHost();
    const feed = host.feedNow(host.addFeed('Blog', true, { kind: 'wordpress', health: 'locked' }));
    expect(healthOf(feed).text).toBe(m.feeds_state_locked());
    expect(testResult(feed)).toEqual({ tone: 'bad', text: m.feeds_test_locked() });
  });
});
