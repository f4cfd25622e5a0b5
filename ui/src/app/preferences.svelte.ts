// What the person chose: language, theme, how the journal is shown. Kept in the journal, applied to the page here.
import { factsOf, FIRST_SETTINGS, host, type ApiError, type Settings, type Theme } from '../host/host';
import { locale } from './locale.svelte';

class Preferences {
  current = $state.raw<Settings>(FIRST_SETTINGS);
  error = $state.raw<ApiError | null>(null);
  #writing = 0;
  readonly #dark = matchMedia('(prefers-color-scheme: dark)');

  constructor() {
    this.#dark.addEventListener('change', () => this.#apply());
    this.#apply();
  }

  /** Reads them again, unless a choice is on its way to the journal: its echo would take it back for a moment. */
  async load(): Promise<void> {
    if (this.#writing > 0) return;
    try {
      this.current = await host.call('settings_get');
      this.error = null;
    } catch (thrown) {
      const facts = factsOf(thrown);
      // Without a journal there are no settings; the system's own choices are right then.
      this.error = facts.code === 'no_journal' ? null : facts;
    }
    this.#apply();
  }

  /** Shown at once; what the journal could not keep is taken back and said. */
  async change(part: Partial<Settings>): Promise<void> {
    const before = this.current;
    this.current = { ...before, ...part };
    this.#apply();
    this.#writing += 1;
    try {
      const kept = await host.call('settings_set', this.current);
      // Of two quick choices the first one's answer knows nothing of the second.
      if (this.#writing === 1) this.current = kept;
      this.error = null;
    } catch (thrown) {
      this.current = before;
      this.error = factsOf(thrown);
    } finally {
      this.#writing -= 1;
    }
    this.#apply();
  }

  #apply(): void {
    locale.choose(this.current.locale);
    document.documentElement.dataset['theme'] = themeOf(this.current.theme, this.#dark.matches);
  }
}

export function themeOf(theme: Theme, systemIsDark: boolean): 'light' | 'dark' {
  if (theme === 'system') return systemIsDark ? 'dark' : 'light';
  return theme;
}

export const preferences = new Preferences();
