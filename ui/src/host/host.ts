// The only door between the interface and the rest of the computer. Two things stand behind it: the app's window
// (`tauri.ts`) and a journal in memory (`memory/`) for tests and development. Features know this file alone.
import type { ApiError, AssetId, Commands, ErrorCode, Event, Settings } from './bindings.gen';

export type * from './bindings.gen';

/** Names of commands that take nothing. */
type Plain = { [K in keyof Commands]: Commands[K]['input'] extends null ? K : never }[keyof Commands];

/** What holds until the person chooses otherwise, as in the core. */
export const FIRST_SETTINGS: Settings = {
  locale: null,
  theme: 'system',
  languages: ['zh-Hans', 'en'],
  view: 'grid',
  reading: 'both',
  notifications: true,
};

/** What the window says about itself and about the journal that is open. */
export interface ShellState {
  platform: 'linux' | 'windows' | 'macos';
  /** Language of the system, BCP 47. */
  locale: string;
  /** Folder of the open journal; null when none is open. */
  journal: string | null;
  /** Why none is open. */
  error: ApiError | null;
  /** The folder that was meant. */
  folder: string;
}

/** A form of a picture: of a card, filling the window, or the bytes as they came. A clip's poster is its `grid` or `view`. */
export type Rendition = 'grid' | 'view' | 'original';

/** Files over the window. `x` and `y` in CSS pixels. */
export interface FileDrag {
  kind: 'enter' | 'over' | 'leave' | 'drop';
  paths: string[];
  x: number;
  y: number;
}

/** What the native menu asks for. */
export type MenuAction =
  | 'post_new'
  | 'files_import'
  | 'journal_choose'
  | 'settings'
  | 'post_send'
  | 'search'
  | 'section_journal'
  | 'section_drafts'
  | 'section_outbox'
  | 'section_bin'
  | 'view_grid'
  | 'view_list'
  | 'shortcuts'
  | 'about';

/** Ends what it was given for. */
export type Stop = () => void;

export interface Host {
  /** Runs a command of the journal. Rejects with a {@link HostError}, never with anything else. */
  call<K extends Plain>(name: K): Promise<Commands[K]['output']>;
  call<K extends keyof Commands>(name: K, input: Commands[K]['input']): Promise<Commands[K]['output']>;
  /** What the journal tells without being asked. */
  on(listener: (event: Event) => void): Stop;
  /** Must have answered once before `mediaUrl` and `clipUrl` are asked. */
  shell(): Promise<ShellState>;
  /** Another journal was opened. */
  onShell(listener: (state: ShellState) => void): Stop;
  /** The system's dialog for files; empty when the user thought better of it. */
  pickFiles(kind: 'media' | 'any'): Promise<string[]>;
  /** The system's dialog for a folder; null when the user thought better of it. */
  pickFolder(): Promise<string | null>;
  /** Opens the journal in a folder, made when it is not there. When it rejects, the present journal stays open. */
  openJournal(folder: string): Promise<ShellState>;
  /** Opens an address (http, https, mailto) in the system's browser. */
  openLink(url: string): Promise<void>;
  /** Shows a file or folder in the system's file window. */
  reveal(path: string): Promise<void>;
  /** Opens a clip's original in the system's player, for when the window cannot play it. */
  openClip(asset: AssetId): Promise<void>;
  /** Files dragged over the window. */
  onFiles(listener: (drag: FileDrag) => void): Stop;
  /** The window is about to close: every `save` is awaited first. */
  onClose(save: () => Promise<void>): Stop;
  /** Saves now what would be saved at the close: before another journal is opened. */
  flush(): Promise<void>;
  /** Choices in the native menu. */
  onMenu(listener: (action: MenuAction) => void): Stop;
  /** Address of a picture for `<img>` and fetch. */
  mediaUrl(asset: AssetId, rendition: Rendition): string;
  /** Address of a clip for `<video crossorigin="anonymous">`. */
  clipUrl(asset: AssetId): string;
}

/** What went wrong, as facts; `text/errors.ts` has the words. */
export class HostError extends Error {
  readonly facts: ApiError;

  constructor(facts: ApiError) {
    super(facts.code);
    this.facts = facts;
  }

  get code(): ErrorCode {
    return this.facts.code;
  }
}

/** Anything that was thrown, as facts: a mistake of ours when it is nothing the core said. */
export function factsOf(thrown: unknown): ApiError {
  if (thrown instanceof HostError) return thrown.facts;
  const code = (thrown as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? (thrown as ApiError) : { code: 'internal' };
}

/** The door in use. Set once, before anything is drawn. */
export let host: Host;

export function useHost(door: Host): void {
  host = door;
}
