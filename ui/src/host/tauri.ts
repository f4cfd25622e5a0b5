// The door as the app's window has it. The only file that knows Tauri.
import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import type { AssetId, Commands, Event, FileDrag, Host, MenuAction, Rendition, ShellState, Stop } from './host';
import { factsOf, HostError } from './host';

/** The state with the two roots of addresses, which stay behind this door. */
interface Answer extends ShellState {
  media: string;
  clips: string;
}

export class TauriHost implements Host {
  #media = '';
  #clips = '';
  readonly #saves = new Set<() => Promise<void>>();

  constructor() {
    listenTo('close_requested', async () => {
      await this.flush();
      await ask('ready_to_close');
    });
  }

  call<K extends keyof Commands>(name: K, input?: Commands[K]['input']): Promise<Commands[K]['output']> {
    return ask('call', { name, args: input ?? null });
  }

  on(listener: (event: Event) => void): Stop {
    return listenTo('journal', listener);
  }

  async shell(): Promise<ShellState> {
    return this.#remember(await ask<Answer>('shell_state'));
  }

  onShell(listener: (state: ShellState) => void): Stop {
    return listenTo<Answer>('shell_changed', (state) => listener(this.#remember(state)));
  }

  pickFiles(kind: 'media' | 'any'): Promise<string[]> {
    return ask('pick_files', { kind });
  }

  pickFolder(): Promise<string | null> {
    return ask('pick_folder');
  }

  async openJournal(folder: string): Promise<ShellState> {
    return this.#remember(await ask<Answer>('journal_open', { folder }));
  }

  openLink(url: string): Promise<void> {
    return ask('open_link', { url });
  }

  reveal(path: string): Promise<void> {
    return ask('reveal', { path });
  }

  openClip(asset: AssetId): Promise<void> {
    return ask('open_clip', { asset });
  }

  onFiles(listener: (drag: FileDrag) => void): Stop {
    return listenTo('files', listener);
  }

  onClose(save: () => Promise<void>): Stop {
    this.#saves.add(save);
    return () => this.#saves.delete(save);
  }

  async flush(): Promise<void> {
    // One save that fails must not keep the others from being tried, nor the window from closing.
    await Promise.allSettled([...this.#saves].map((save) => save()));
  }

  onMenu(listener: (action: MenuAction) => void): Stop {
    return listenTo('menu', listener);
  }

  mediaUrl(asset: AssetId, rendition: Rendition): string {
    return `${this.#media}/${asset}/${rendition}`;
  }

  clipUrl(asset: AssetId): string {
    return `${this.#clips}/${asset}/original`;
  }

  #remember(answer: Answer): ShellState {
    this.#media = answer.media;
    this.#clips = answer.clips;
    return answer;
  }
}

async function ask<T>(command: string, args?: Record<string, unknown>): Promise<T> {
  try {
    return await invoke<T>(command, args);
  } catch (thrown) {
    throw new HostError(factsOf(thrown));
  }
}

/** Listening begins a moment later; stopping before that is kept in mind. */
function listenTo<T>(name: string, listener: (payload: T) => unknown): Stop {
  const listening = listen<T>(name, ({ payload }) => void listener(payload));
  return () => void listening.then((stop) => stop());
}
