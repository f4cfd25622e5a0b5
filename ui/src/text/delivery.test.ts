import { describe, expect, it } from 'vitest';
import type { DeliveryView } from '../host/host';
import { summarise } from './delivery';

type Facts = Partial<DeliveryView> & { state: DeliveryView['state'] };

function delivery(facts: Facts): DeliveryView {
  return { feed_name: 'My blog', wanted: 'published', receipt: null, changed_since: false, ...facts } as DeliveryView;
}

describe('the pill of a post', () => {
  it.each<[string, Facts[], string | null]>([
    ['nothing for a post that goes nowhere', [{ state: 'idle', wanted: 'off' }], null],
    ['the name of the one feed that has it', [{ state: 'synced' }], 'My blog'],
    ['how many feeds have it', [{ state: 'synced' }, { state: 'synced' }], '2 feeds'],
    ['what waits before what is there', [{ state: 'synced' }, { state: 'queued' }], '1 waiting'],
    ['a lost answer before what waits', [{ state: 'queued' }, { state: 'unknown' }], 'checking'],
    [
      'what needs the person before everything',
      [{ state: 'unknown' }, { state: 'needs_you', reason: 'full' } as Facts],
      'needs you',
    ],
    ['what is paused before what is there', [{ state: 'synced' }, { state: 'queued', paused: true }], 'paused'],
    ['what waits before what is paused', [{ state: 'unknown', paused: true }, { state: 'queued' }], '1 waiting'],
    ['that it was changed since', [{ state: 'synced', changed_since: true }], 'changed since'],
  ])('says %s', (_, deliveries, words) => {
    expect(summarise(deliveries.map(delivery))?.text ?? null).toBe(words);
  });

  it('never calls a post that failed sent', () => {
    expect(summarise([delivery({ state: 'needs_you', reason: 'refused' } as Facts)])?.tone).toBe('bad');
  });
});
