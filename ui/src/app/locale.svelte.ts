// Language of the interface. A rune stands behind Paraglide's messages, so that every word on the screen follows at once.
import { type Locale, overwriteGetLocale } from '../paraglide/runtime';

export type { Locale };

class InterfaceLocale {
  current = $state<Locale>('en');
  /** What the system speaks, for when the user follows it. */
  system = 'en';

  /** Follows the user's choice, or the system when there is none. */
  choose(tag: string | null): void {
    this.current = closest(tag ?? this.system);
    document.documentElement.lang = this.current;
  }
}

/** Every Chinese reads Simplified Chinese, everybody else English: the two languages we write. */
export function closest(tag: string): Locale {
  return /^zh\b/i.test(tag) ? 'zh-CN' : 'en';
}

export const locale = new InterfaceLocale();
overwriteGetLocale(() => locale.current);
