// The shortcuts of the whole window: one table that the keyboard obeys and the list of shortcuts shows.
import { wish } from '../../app/commands';
import { NEW, type Route, router } from '../../app/router.svelte';
import { m } from '../../paraglide/messages';
import { isMod } from '../../text/keys';

export interface Shortcut {
  keys: string[];
  text: () => string;
  run?: () => void;
}

export function search(): void {
  if (router.route.name !== 'journal') router.go({ name: 'journal', section: 'all' });
  wish('search', true);
}

const to = (route: Route) => () => router.go(route);

/** Those with `run` are obeyed here; the others belong to a screen and are only told. */
export function shortcuts(showList: () => void): Shortcut[] {
  return [
    { keys: ['Mod+N'], text: m.keys_new, run: to({ name: 'edit', id: NEW }) },
    { keys: ['Mod+F', '/'], text: m.keys_search, run: search },
    { keys: ['Mod+Enter'], text: m.keys_send },
    { keys: ['Esc'], text: m.keys_back },
    { keys: ['Left', 'Right', 'Up', 'Down'], text: m.keys_cards },
    { keys: ['Enter'], text: m.keys_open },
    { keys: ['Alt+Left', 'Alt+Right'], text: m.keys_reorder },
    { keys: ['Mod+1'], text: m.frame_journal, run: to({ name: 'journal', section: 'all' }) },
    { keys: ['Mod+2'], text: m.frame_drafts, run: to({ name: 'journal', section: 'drafts' }) },
    { keys: ['Mod+3'], text: m.frame_outbox, run: to({ name: 'outbox' }) },
    { keys: ['Mod+4'], text: m.frame_feeds, run: to({ name: 'feeds' }) },
    { keys: ['Mod+5'], text: m.frame_bin, run: to({ name: 'bin' }) },
    { keys: ['Mod+,'], text: m.frame_settings, run: to({ name: 'settings' }) },
    { keys: ['?'], text: m.keys_list, run: showList },
  ];
}

/** The shortcut a keydown means. Keys without Ctrl or ⌘ are letters while someone writes. */
export function meant(event: KeyboardEvent, table: Shortcut[]): Shortcut | undefined {
  if (event.isComposing || event.altKey) return undefined;
  const pressed = isMod(event) ? `Mod+${event.key.length === 1 ? event.key.toUpperCase() : event.key}` : event.key;
  if (!isMod(event) && isWriting(event.target)) return undefined;
  return table.find(({ run, keys }) => run && keys.includes(pressed));
}

export function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');
}
