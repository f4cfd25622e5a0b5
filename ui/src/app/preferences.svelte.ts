// What the person chose: language, theme, how the journal is shown. Kept in the journal, applied to the page here.
import { factsOf, host, type ApiError, type Settings, type Theme } from '../host/host';
import { locale } from './locale.svelte';

const DEFAULTS: Settings = {
  locale: null,
  theme: 'system',
  languages: ['zh-Hans', 'en'],
  view: 'grid',
  reading: 'both',
};

class Preferences {
  current = $state.raw<Settings>(DEFAULTS);
  error = $state.raw<ApiError | null>(null);
  readonly #dark = matchMedia('(prefers-color-scheme: dark)');

  constructor() {
    this.#dark.addEventListener('change', () => this.#apply());
    this.#apply();
  }

  async load(): Promise<void> {
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
    try {
      this.current = await host.call('settings_set', this.current);
      this.error = null;
    } catch (thrown) {
      this.current = before;
      this.error = factsOf(thrown);
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
