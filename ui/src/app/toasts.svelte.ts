// Short messages about what just happened. Words are functions, so that they follow a change of language.
import { untrack } from 'svelte';

export interface Toast {
  id: number;
  text: () => string;
  /** Something went wrong. */
  bad: boolean;
  /** The way back, or on. */
  action: { text: () => string; run: () => void } | null;
}

/** Long enough to read two sentences and decide. */
const SHOWN_MS = 7_000;

class Toasts {
  shown = $state.raw<Toast[]>([]);
  #serial = 0;
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>();

  say(text: () => string, action: Toast['action'] = null): void {
    this.#add({ text, action, bad: false });
  }

  warn(text: () => string, action: Toast['action'] = null): void {
    this.#add({ text, action, bad: true });
  }

  act(id: number): void {
    const toast = this.shown.find((one) => one.id === id);
    this.close(id);
    toast?.action?.run();
  }

  close(id: number): void {
    this.hold(id);
    this.shown = this.shown.filter((toast) => toast.id !== id);
  }

  /** Stays as long as someone looks at it. */
  hold(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }

  release(id: number): void {
    this.hold(id);
    this.#timers.set(
      id,
      setTimeout(() => this.close(id), SHOWN_MS),
    );
  }

  #add(toast: Omit<Toast, 'id'>): void {
    this.#serial += 1;
    const id = this.#serial;
    // Three at most: more would hide the page and nobody reads them.
    // Untracked, because an effect that warns must not run again for its own warning.
    this.shown = [...untrack(() => this.shown), { ...toast, id }].slice(-3);
    this.release(id);
  }
}

export const toasts = new Toasts();
