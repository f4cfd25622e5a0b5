import { beforeEach, describe, expect, it } from 'vitest';
import type { DeliveryView, FeedView, Host, SendInput } from '../../host/host';
import { HostError } from '../../host/host';
import { MemoryHost } from '../../host/memory/memory';
import { Destinations } from './destinations.svelte';

const manner = { publish_at: null, warning: '', visibility: null };

/** As a journal in memory sets it up, under a name that a test can say. */
function feed(id: string, enabled = true): FeedView {
  const journal = new MemoryHost();
  const made = journal.addFeed(`Feed ${id}`, enabled);
  return { ...journal.feedNow(made), id };
}

function delivery(part: Partial<DeliveryView> & { state?: string } = {}): DeliveryView {
  return {
    id: 'p:a',
    post: 'p',
    feed: 'a',
    feed_name: 'Feed a',
    wanted: 'published',
    manner,
    receipt: null,
    changed_since: false,
    next_at: null,
    updated_at: 0,
    state: 'queued',
    ...part,
  } as DeliveryView;
}

const receipt = {
  remote_id: 'p',
  url: null,
  known: 'published',
  revision: 'r',
  version: 'v',
  confirmed_at: 0,
} as const;

let sent: SendInput[];
let refusing: string | null;
let destinations: Destinations;

const host = {
  call: async (name: string, input: never) => {
    if (name === 'feed_list') return [feed('a'), feed('b'), feed('off', false)];
    if (name === 'feed_change') return feed((input as { id: string }).id);
    const wish = input as SendInput;
    if (wish.feed === refusing) throw new HostError({ code: 'feed_unreachable' });
    sent.push(wish);
    return delivery({ feed: wish.feed, wanted: wish.wanted });
  },
} as unknown as Pick<Host, 'call'>;

beforeEach(async () => {
  sent = [];
  refusing = null;
  destinations = new Destinations(host);
  await destinations.load();
});

describe('where a post goes', () => {
  it('is nowhere until the writer says so', () => {
    expect(destinations.label).toEqual({ kind: 'nowhere' });
    expect(destinations.due).toEqual([]);
  });

  it('is said on the send button', async () => {
    await destinations.toggle('a', true, null);
    expect(destinations.label).toEqual({ kind: 'send', feed: 'Feed a' });
    await destinations.toggle('b', true, null);
    expect(destinations.label).toEqual({ kind: 'send_many', feeds: 2 });
    expect(sent, 'switching on sends nothing').toEqual([]);
  });

  it('waits after sending, and is sent only when every feed confirmed', async () => {
    await destinations.toggle('a', true, 'p');
    await destinations.send('p');
    expect(sent).toEqual([{ post: 'p', feed: 'a', wanted: 'published', manner }]);
    expect(destinations.label).toEqual({ kind: 'waiting' });
    destinations.deliveries = [delivery({ state: 'synced', receipt })];
    expect(destinations.label).toEqual({ kind: 'sent' });
  });

  it('sends again what was changed since, and what needed the writer', () => {
    destinations.deliveries = [delivery({ state: 'synced', receipt, changed_since: true })];
    expect(destinations.label).toEqual({ kind: 'update', feed: 'Feed a' });
    destinations.deliveries = [delivery({ state: 'needs_you', reason: 'denied' } as never)];
    expect(destinations.label).toEqual({ kind: 'send', feed: 'Feed a' });
  });

  it('sends nothing to a feed where two versions wait to be brought together', async () => {
    const changing = new Destinations(host, () => true);
    await changing.load();
    changing.deliveries = [delivery({ state: 'needs_you', reason: 'conflict', receipt, changed_since: true } as never)];
    expect(changing.due).toEqual([]);
    expect(changing.label).toEqual({ kind: 'needs_you' });
  });

  it('does not call a post sent while something newer is being written', async () => {
    const changing = new Destinations(host, () => true);
    await changing.load();
    changing.deliveries = [delivery({ state: 'synced', receipt })];
    expect(changing.label).toEqual({ kind: 'update', feed: 'Feed a' });
  });

  it('sends a draft when a draft is chosen', async () => {
    await destinations.toggle('a', true, 'p');
    destinations.choose('a', { form: 'draft' });
    await destinations.send('p');
    expect(sent[0]?.wanted).toBe('draft');
  });

  it('calls back what still waits when a feed is switched off', async () => {
    destinations.deliveries = [delivery()];
    await destinations.toggle('a', false, 'p');
    expect(sent).toEqual([{ post: 'p', feed: 'a', wanted: 'off', manner }]);
    expect(destinations.label).toEqual({ kind: 'nowhere' });
  });

  it('takes a post back from a feed only when that is asked for', async () => {
    destinations.deliveries = [delivery({ state: 'synced', receipt })];
    expect(destinations.isAnywhere).toBe(true);
    await destinations.withdraw('p', 'a');
    expect(sent).toEqual([{ post: 'p', feed: 'a', wanted: 'withdrawn', manner }]);
    expect(destinations.label, 'and it is not sent there again by itself').toEqual({ kind: 'nowhere' });
  });

  it('goes on to the next feed when one refuses, and says which', async () => {
    refusing = 'a';
    await destinations.toggle('a', true, 'p');
    await destinations.toggle('b', true, 'p');
    await destinations.send('p');
    expect(sent.map((wish) => wish.feed)).toEqual(['b']);
    expect(destinations.list.find((each) => each.feed.id === 'a')?.error).toEqual({ code: 'feed_unreachable' });
    expect(destinations.label, 'what was refused is still to be sent').toEqual({ kind: 'send', feed: 'Feed a' });
  });

  it('switches the ready-made feed on when the writer wants it', async () => {
    await destinations.toggle('off', true, null);
    expect(destinations.label).toEqual({ kind: 'send', feed: 'Feed off' });
  });

  it('goes public later when that is chosen, and is due again when the time is changed', async () => {
    await destinations.toggle('a', true, 'p');
    const later = { ...manner, publish_at: 9_000, warning: '剧透' };
    destinations.choose('a', { manner: later });
    await destinations.send('p');
    expect(sent).toEqual([{ post: 'p', feed: 'a', wanted: 'published', manner: later }]);
    destinations.deliveries = [delivery({ state: 'synced', receipt, manner: later })];
    expect(destinations.label).toEqual({ kind: 'sent' });
    destinations.choose('a', { manner: { ...later, publish_at: 10_000 } });
    expect(destinations.label).toEqual({ kind: 'update', feed: 'Feed a' });
  });

  it('keeps the manner it has there when it is called back or withdrawn', async () => {
    const warned = { ...manner, warning: '剧透' };
    destinations.deliveries = [delivery({ state: 'synced', receipt, manner: warned })];
    await destinations.withdraw('p', 'a');
    expect(sent[0]?.manner).toEqual(warned);
  });
});
