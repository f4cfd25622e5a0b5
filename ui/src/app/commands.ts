// Wishes from the keyboard and the native menu to whatever screen can fulfil them.

export type Command = 'search' | 'send';

const listeners = new Map<Command, () => void>();
const pending = new Set<Command>();

/** A screen fulfils this now; the answer ends that. A wish made just before it was drawn is fulfilled at once. */
export function fulfil(command: Command, run: () => void): () => void {
  listeners.set(command, run);
  if (pending.delete(command)) run();
  return () => {
    if (listeners.get(command) === run) listeners.delete(command);
  };
}

/** Answers whether a screen took it. With `keep`, the next screen that can does. */
export function wish(command: Command, keep = false): boolean {
  const run = listeners.get(command);
  run?.();
  if (!run && keep) pending.add(command);
  return run !== undefined;
}
