import { describe, expect, it } from 'vitest';
import { address, parse, type Route } from './router.svelte';

describe('the address of a place', () => {
  const places: Route[] = [
    { name: 'journal', section: 'all' },
    { name: 'journal', section: 'drafts' },
    { name: 'post', id: '0193' },
    { name: 'edit', id: 'new' },
    { name: 'history', id: '0193' },
    { name: 'outbox' },
    { name: 'conflict', id: 'p:f' },
    { name: 'feeds' },
    { name: 'feed_add' },
    { name: 'remote', id: '77' },
    { name: 'feed', id: '77' },
    { name: 'bin' },
    { name: 'settings' },
  ];

  it.each(places)('leads back to the place: $name', (place) => {
    expect(parse(address(place))).toEqual(place);
  });

  it('that nobody knows is the journal', () => {
    expect(parse('#/nowhere/at/all')).toEqual({ name: 'journal', section: 'all' });
    expect(parse('#/post')).toEqual({ name: 'journal', section: 'all' });
    expect(parse('')).toEqual({ name: 'journal', section: 'all' });
  });
});
