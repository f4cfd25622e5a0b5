import { beforeEach, describe, expect, it } from 'vitest';
import type { Host, Outbox, OutboxEntry, SendInput } from '../../host/host';
import { HostError } from '../../host/host';
import { OutboxScreen } from './outbox.svelte';

function entry(id: string, state: object): OutboxEntry {
  const delivery = {
    id,
    post: id,
    feed: 'f',
    feed_name: 'Folder',
    paused: false,
    wanted: 'published',
    receipt: null,
    changed_since: false,
  };
  return {
    ...delivery,
    next_at: null,
    updated_at: 0,
    titles: {},
    cover: null,
    files: 0,
    size: 0,
    ...state,
  } as OutboxEntry;
}

let outbox: Outbox;
let sent: SendInput[];
let failing: boolean;
let screen: OutboxScreen;

const host = {
  call: async (name: string, input: never) => {
    if (name === 'outbox') return outbox;
    if (failing) throw new HostError({ code: 'feed_unreachable' });
    sent.push(input);
    return null;
  },
} as unknown as Pick<Host, 'call'>;

beforeEach(async () => {
  sent = [];
  failing = false;
  outbox = {
    pending: [
      entry('queued', { state: 'queued' }),
      entry('lost', { state: 'unknown' }),
      entry('full', { state: 'needs_you', reason: 'full' }),
      entry('off', { state: 'queued', paused: true }),
      entry('going', { state: 'uploading', done: 1, total: 3 }),
    ],
    sent: [entry('there', { state: 'synced' })],
  };
  screen = new OutboxScreen(host);
  await screen.outbox.load();
});

const ids = (entries: OutboxEntry[]) => entries.map(({ id }) => id);

describe('the outbox', () => {
  it('shows every delivery in exactly one place', () => {
    expect([ids(screen.needsYou), ids(screen.checking), ids(screen.waiting), ids(screen.sent)]).toEqual([
      ['full'],
      ['lost'],
      ['queued', 'going'],
      ['there'],
    ]);
    expect(ids(screen.paused)).toEqual(['off']);
    expect(screen.isEmpty).toBe(false);
  });

  it('is not called empty before it was read', () => {
    expect(new OutboxScreen(host).isEmpty).toBe(false);
  });

  it('asks again for what was wanted, and for nothing when the user leaves it', async () => {
    const [full] = screen.needsYou;
    if (!full) throw new Error('the full one is there');
    await screen.want(full);
    await screen.want(full, 'off');
    expect(sent.map(({ wanted }) => wanted)).toEqual(['published', 'off']);
  });

  it('says why trying did not work, and can be tried again', async () => {
    failing = true;
    await screen.sendNow();
    expect([screen.error, screen.isSending]).toEqual([{ code: 'feed_unreachable' }, false]);
    failing = false;
    await screen.sendNow();
    expect(screen.error).toBeNull();
  });
});
