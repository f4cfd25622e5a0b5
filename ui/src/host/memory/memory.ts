// A journal in memory behind the same door as the real one: for browser journeys, unit tests and development. Keeps nothing.
import type {
  ApiError,
  AssetId,
  Commands,
  Event,
  FileDrag,
  Host,
  MenuAction,
  Rendition,
  ShellState,
  Stop,
} from '../host';
import { HostError } from '../host';
import { conflicts } from './conflicts';
import { FeedCommands, type InBrowser } from './feeds';
import { files } from './files';
import { MemoryJournal } from './journal';
import { pictureUrl } from './pictures';
import { remote } from './remote';
import { sending } from './sending';
import type { Table } from './table';
import { writing } from './writing';

export class MemoryHost extends MemoryJournal implements Host {
  /** Commands that fail, and with what. Taken away, they work again. */
  readonly failing = new Map<keyof Commands, ApiError>();
  /** What the system's file dialog answers next. */
  picked: string[] = [];
  /** Addresses and paths that were given to the system. */
  readonly opened: string[] = [];

  readonly #drags = new Set<(drag: FileDrag) => void>();
  readonly #menus = new Set<(action: MenuAction) => void>();
  readonly #shells = new Set<(state: ShellState) => void>();
  readonly #saves = new Set<() => Promise<void>>();
  readonly #feeds = new FeedCommands(this);

  // ── The door ──────────────────────────────────────────────────────────────────────────────────────────────────────

  async call<K extends keyof Commands>(name: K, input?: Commands[K]['input']): Promise<Commands[K]['output']> {
    if (this.weather.delay) await new Promise((done) => setTimeout(done, this.weather.delay));
    const failure = this.failing.get(name) ?? (this.weather.closed ? { code: 'no_journal' as const } : undefined);
    if (failure) throw new HostError(failure);
    // What crosses the real door is copied; handing out our own objects would hide mistakes.
    const answer = await (this.#table[name] as (input: unknown) => unknown)(structuredClone(input ?? null));
    return structuredClone(answer) as Commands[K]['output'];
  }

  on(listener: (event: Event) => void): Stop {
    return this.listen(listener);
  }

  async shell(): Promise<ShellState> {
    const code = this.weather.closed;
    return {
      platform: this.weather.platform ?? 'linux',
      locale: this.weather.locale ?? 'en',
      journal: code ? null : '/home/mei/Sampan',
      error: code ? { code, subject: '/home/mei/Sampan' } : null,
      folder: '/home/mei/Sampan',
    };
  }

  onShell(listener: (state: ShellState) => void): Stop {
    return member(this.#shells, listener);
  }

  async pickFiles(): Promise<string[]> {
    return this.picked;
  }

  async pickFolder(): Promise<string | null> {
    return this.picked[0] ?? null;
  }

  async openJournal(folder: string): Promise<ShellState> {
    this.weather = { ...this.weather, closed: null };
    const state = { ...(await this.shell()), journal: folder, folder };
    for (const listener of this.#shells) listener(state);
    return state;
  }

  async openLink(url: string): Promise<void> {
    this.opened.push(url);
  }

  async reveal(path: string): Promise<void> {
    this.opened.push(path);
  }

  async openClip(asset: AssetId): Promise<void> {
    this.opened.push(asset);
  }

  onFiles(listener: (drag: FileDrag) => void): Stop {
    return member(this.#drags, listener);
  }

  onClose(save: () => Promise<void>): Stop {
    return member(this.#saves, save);
  }

  async flush(): Promise<void> {
    await Promise.allSettled([...this.#saves].map((save) => save()));
  }

  onMenu(listener: (action: MenuAction) => void): Stop {
    return member(this.#menus, listener);
  }

  mediaUrl(asset: AssetId, rendition: Rendition): string {
    const picture = this.aspects.get(asset);
    return picture ? pictureUrl(picture.seed, picture.aspect) : `about:blank#${rendition}`;
  }

  clipUrl(asset: AssetId): string {
    return this.mediaUrl(asset, 'original');
  }

  // ── What a test does to it ────────────────────────────────────────────────────────────────────────────────────────

  /** As if files were dragged over the window. */
  drag(drag: FileDrag): void {
    for (const listener of this.#drags) listener(drag);
  }

  /** As if the native menu was used. */
  choose(action: MenuAction): void {
    for (const listener of this.#menus) listener(action);
  }

  /** As if the window was closed; done when everything is saved. */
  async close(): Promise<void> {
    await this.flush();
  }

  /** As if somebody did this in the browser where a sign-in waits. */
  inBrowser(what: InBrowser): void {
    this.#feeds.inBrowser(what);
  }

  // ── The commands ──────────────────────────────────────────────────────────────────────────────────────────────────

  readonly #table: Table = {
    ...writing(this),
    ...files(this),
    ...this.#feeds.table,
    ...sending(this),
    ...conflicts(this),
    ...remote(this),
    journal_state: () => ({ dir: '/home/mei/Sampan', bytes: 1_284_000_000, cloud_synced: null, version: '0.1.0' }),
    settings_get: () => this.settings,
    settings_set: (settings) => {
      this.settings = settings;
      this.emit({ event: 'settings_changed' });
      return settings;
    },
    check: () => ({
      clean: true,
      posts: this.posts.size,
      revisions: [...this.posts.values()].flatMap(({ revisions }) => revisions).length,
      assets: this.assets.size,
      bytes: [...this.assets.values()].reduce((sum, { bytes }) => sum + bytes, 0),
      faults: [],
    }),
  };
}

function member<T>(set: Set<T>, one: T): Stop {
  set.add(one);
  return () => set.delete(one);
}
