import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Commands, Content, DraftSaved } from '../../host/bindings.gen';
import { Autosave, CEILING_MS } from './autosave.svelte';

type Input = Commands['draft_save']['input'];

/** A journal that answers after a while and remembers what it committed. */
class SlowJournal {
  readonly committed: Input[] = [];
  delay = 20;
  failure: unknown = null;
  superseded = false;
  running = 0;
  mostRunning = 0;

  save = async (input: Input): Promise<DraftSaved> => {
    this.running += 1;
    this.mostRunning = Math.max(this.mostRunning, this.running);
    const { failure } = this;
    await new Promise((resolve) => setTimeout(resolve, this.delay));
    this.running -= 1;
    if (failure) throw failure;
    this.committed.push(input);
    const version = this.committed.length;
    return { post: 'p', revision: 'r', version, saved_at: Date.now(), versions: 1, superseded: this.superseded };
  };

  get lastText(): string | undefined {
    return this.committed.at(-1)?.content.sides['en']?.body;
  }
}

function content(body: string): Content {
  return {
    sides: body === '' ? {} : { en: { title: '', body } },
    attachments: [],
    cover: null,
    topics: [],
    moment: { at: 0, zone: 'UTC' },
    place: null,
  };
}

let journal: SlowJournal;
let text: string;
let autosave: Autosave;

function type(more: string): void {
  text += more;
  autosave.touch();
}

beforeEach(() => {
  vi.useFakeTimers();
  journal = new SlowJournal();
  text = '';
  autosave = new Autosave(journal.save, { read: () => content(text), isBlank: () => text === '' });
});
afterEach(() => vi.useRealTimers());

describe('autosave', () => {
  it('has the text in the journal well within a second of the last key', async () => {
    type('船');
    await vi.advanceTimersByTimeAsync(400);
    expect(journal.lastText).toBe('船');
    expect(autosave.status.kind).toBe('saved');
  });

  it('saves while somebody types without a pause', async () => {
    for (let key = 0; key < 40; key += 1) {
      type('x');
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(journal.committed.length, 'four seconds of typing without a pause').toBeGreaterThanOrEqual(2);
    const gap = CEILING_MS + journal.delay;
    expect(gap, 'no key waits for longer than this').toBeLessThan(2000);
  });

  it('says saved only for the text that was committed', async () => {
    journal.delay = 500;
    type('a');
    await vi.advanceTimersByTimeAsync(350);
    expect(autosave.status.kind).toBe('saving');
    type('b');
    await vi.advanceTimersByTimeAsync(460);
    expect(journal.lastText).toBe('a');
    expect(autosave.status.kind, 'b is not there yet').not.toBe('saved');
    await vi.advanceTimersByTimeAsync(1000);
    expect(journal.lastText).toBe('ab');
    expect(autosave.status.kind).toBe('saved');
  });

  it('has one save under way at a time, and hands the version on', async () => {
    journal.delay = 900;
    for (let key = 0; key < 30; key += 1) {
      type('x');
      await vi.advanceTimersByTimeAsync(150);
    }
    await vi.advanceTimersByTimeAsync(3000);
    expect(journal.mostRunning).toBe(1);
    const versions = journal.committed.map((input) => input.version);
    expect(versions).toEqual([null, ...versions.slice(1).map((_, index) => index + 1)]);
    expect(journal.lastText).toBe('x'.repeat(30));
  });

  it('never makes a post of nothing', async () => {
    type('');
    await vi.advanceTimersByTimeAsync(5000);
    expect(await autosave.flush()).toBe(true);
    expect(journal.committed).toEqual([]);
    expect(autosave.status.kind).toBe('untouched');
  });

  it('saves an emptied post that exists, because emptying it was meant', async () => {
    type('a');
    await vi.advanceTimersByTimeAsync(500);
    text = '';
    autosave.touch();
    await vi.advanceTimersByTimeAsync(500);
    expect(journal.committed.length).toBe(2);
    expect(journal.lastText).toBeUndefined();
  });

  it('keeps the text of a failed save, says why, and tries again by itself', async () => {
    journal.failure = { code: 'disk_full' };
    type('kept');
    await vi.advanceTimersByTimeAsync(400);
    expect(autosave.status).toEqual({ kind: 'failed', error: { code: 'disk_full' } });
    expect(await flushed(), 'nothing is durable').toBe(false);
    journal.failure = null;
    await vi.advanceTimersByTimeAsync(5000);
    expect(journal.lastText).toBe('kept');
    expect(autosave.status.kind).toBe('saved');
  });

  it('does not hide a failure when somebody types on', async () => {
    journal.failure = { code: 'io' };
    type('a');
    await vi.advanceTimersByTimeAsync(400);
    type('b');
    expect(autosave.status.kind).toBe('failed');
  });

  it('saves at once when asked, and everything up to that moment', async () => {
    journal.delay = 500;
    type('a');
    await vi.advanceTimersByTimeAsync(310);
    type('b');
    expect(await flushed()).toBe(true);
    expect(journal.lastText).toBe('ab');
  });

  it('tells that the post was changed elsewhere', async () => {
    journal.superseded = true;
    type('a');
    await vi.advanceTimersByTimeAsync(500);
    journal.superseded = false;
    type('b');
    await vi.advanceTimersByTimeAsync(500);
    expect(autosave.superseded, 'until the writer has seen it').toBe(true);
  });

  it('begins nothing after it was closed', async () => {
    type('a');
    autosave.close();
    await vi.advanceTimersByTimeAsync(5000);
    expect(journal.committed).toEqual([]);
  });

  it('reads the text at the moment it leaves, in the middle of a composition too', async () => {
    // A pinyin composition in WebKit: the field holds the letters until a candidate is chosen.
    type('chuan');
    await vi.advanceTimersByTimeAsync(400);
    expect(journal.lastText).toBe('chuan');
    text = '船';
    autosave.touch();
    await vi.advanceTimersByTimeAsync(400);
    expect(journal.lastText).toBe('船');
  });
});

async function flushed(): Promise<boolean> {
  const done = autosave.flush();
  await vi.advanceTimersByTimeAsync(3000);
  return done;
}
