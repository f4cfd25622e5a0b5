import { beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryHost } from '../../host/memory/memory';
import { Adding } from './adding.svelte';
import { SignIn, type SignInAt } from './signin.svelte';

let host: MemoryHost;
let signIn: SignIn;
const blog: SignInAt = {
  kind: 'wordpress',
  place: 'https://blog.example',
  name: 'Blog',
  feed: null,
  plain_http: false,
};
const social: SignInAt = { ...blog, kind: 'mastodon', place: 'https://mastodon.example', name: '' };

const waits = () => vi.waitFor(() => expect(signIn.doing).toBe('waiting'));

beforeEach(() => {
  host = new MemoryHost();
  signIn = new SignIn(host);
});

describe('signing in with a password', () => {
  it('makes a feed of an address', async () => {
    const feed = await signIn.withSecret(blog, 'mei', 'abcd efgh');
    expect(feed).toMatchObject({ kind: 'wordpress', health: 'reachable', keep: { in: 'keychain' } });
  });

  it('that is wrong makes no feed and says so', async () => {
    expect(await signIn.withSecret(blog, 'mei', 'wrong')).toBeNull();
    expect([signIn.error?.code, signIn.doing]).toEqual(['sign_in_refused', null]);
    expect(host.feeds.size, 'only the ready-made one').toBe(1);
  });

  it('asks where to keep it when the system has no keychain, and then goes on by itself', async () => {
    host.weather.noKeychain = true;
    expect(await signIn.withSecret(blog, 'mei', 'abcd')).toBeNull();
    expect([signIn.needsKeep, signIn.error]).toEqual([true, null]);
    expect(await signIn.keepIn({ in: 'session' })).toMatchObject({ keep: { in: 'session' } });
    expect(signIn.needsKeep).toBe(false);
  });

  it('again at a feed keeps the feed', async () => {
    const id = host.addFeed('Blog', true, { kind: 'wordpress', health: 'signed_out' });
    await signIn.withSecret({ ...blog, feed: id }, 'mei', 'abcd');
    expect([host.feeds.get(id)?.health, host.feeds.size]).toEqual(['reachable', 2]);
  });
});

describe('signing in in the browser', () => {
  it('opens the page there and ends when it was allowed', async () => {
    const ended = signIn.withBrowser(social);
    await waits();
    expect(host.opened[0]).toContain('https://mastodon.example/oauth');
    host.inBrowser('allow');
    expect(await ended).toMatchObject({ kind: 'mastodon', health: 'reachable' });
  });

  it('that is given up is no error and makes no feed', async () => {
    const ended = signIn.withBrowser(social);
    await waits();
    await signIn.cancel();
    expect(await ended).toBeNull();
    expect([signIn.wasCancelled, signIn.error, signIn.browser, host.feeds.size]).toEqual([true, null, null, 1]);
  });

  it.each([
    ['deny', 'sign_in_denied'],
    ['wait_too_long', 'sign_in_timed_out'],
  ] as const)('that ends with %s says so and can be begun again', async (what, code) => {
    const ended = signIn.withBrowser(social);
    await waits();
    host.inBrowser(what);
    await ended;
    expect(signIn.error?.code).toBe(code);
    void signIn.withBrowser(social);
    await waits();
    expect(signIn.error).toBeNull();
  });
});

describe('finding a feed at an address', () => {
  it('chooses the most capable of several', async () => {
    const adding = new Adding(host);
    adding.address = 'both.example';
    await adding.look();
    expect(adding.found?.map(({ kind }) => kind)).toEqual(['wordpress', 'micropub']);
    expect(adding.chosen?.kind).toBe('wordpress');
  });

  it('asks before it uses an address that is not encrypted', async () => {
    const adding = new Adding(host);
    adding.address = 'http://nas.example';
    await adding.look();
    expect([adding.isPlain, adding.chosen]).toEqual([true, null]);
    await adding.look(true);
    expect(adding.at).toMatchObject({ place: 'http://nas.example', plain_http: true });
  });

  it('says what is wrong, and forgets it with the next look', async () => {
    const adding = new Adding(host);
    host.online = false;
    adding.address = 'blog.example';
    await adding.look();
    expect(adding.error?.code).toBe('feed_unreachable');
    host.online = true;
    await adding.look();
    expect([adding.error, adding.chosen?.kind]).toEqual([null, 'wordpress']);
  });

  it('speaks of the address that stands there, not of one that was typed over', async () => {
    const adding = new Adding(host);
    adding.address = ' blog.example ';
    await adding.look();
    expect(adding.isCurrent).toBe(true);
    adding.address = 'blog.example.org';
    expect(adding.isCurrent).toBe(false);
  });
});
