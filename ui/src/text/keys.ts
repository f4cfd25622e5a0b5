// Shortcuts as each system writes them: `Mod` is ⌘ on macOS and Ctrl elsewhere.

const MAC: { [key: string]: string } = {
  Mod: '⌘',
  Alt: '⌥',
  Shift: '⇧',
  Enter: '↩',
  Esc: 'esc',
  Up: '↑',
  Down: '↓',
  Left: '←',
  Right: '→',
};
const OTHERS: { [key: string]: string } = { Mod: 'Ctrl', Enter: '↵', Up: '↑', Down: '↓', Left: '←', Right: '→' };

let mac = false;

/** Said once at the start. */
export function useMacKeys(yes: boolean): void {
  mac = yes;
}

/** `Mod+Shift+N` as people read it here. */
export function keyNames(keys: string): string {
  const names = keys.split('+').map((key) => (mac ? MAC : OTHERS)[key] ?? key);
  return names.join(mac ? '' : ' ');
}

/** Whether the key that stands for a command on this system is held. */
export function isMod(event: Pick<KeyboardEvent, 'metaKey' | 'ctrlKey'>): boolean {
  return mac ? event.metaKey : event.ctrlKey;
}
