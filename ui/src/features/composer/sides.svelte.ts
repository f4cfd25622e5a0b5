import type { Lang, Side } from '../../host/host';

/** One side on the screen. `key` stays when the language changes, so that its fields are never mounted again while in use. */
export interface SideDraft extends Side {
  key: number;
  lang: Lang;
}

/** The sides of the post, from left to right. */
export class Sides {
  list = $state<SideDraft[]>([]);
  readonly #changed: () => void;
  #nextKey = 0;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** The sides that have text, and an empty one for every language the writer always writes. */
  begin(sides: { [lang: Lang]: Side }, usual: readonly Lang[]): void {
    const written = Object.keys(sides);
    const lacking = usual.filter((lang) => !written.some((other) => isSameLanguage(lang, other)));
    const place = (lang: Lang) => {
      const at = usual.findIndex((other) => isSameLanguage(lang, other));
      return at < 0 ? usual.length : at;
    };
    const langs = [...written, ...lacking].sort((a, b) => place(a) - place(b));
    this.list = langs.map((lang) => this.#side(lang, sides[lang]));
  }

  get langs(): Lang[] {
    return this.list.map((side) => side.lang);
  }

  get isBlank(): boolean {
    return this.list.every(isEmpty);
  }

  /** Sides without text are no sides. */
  snapshot(): { [lang: Lang]: Side } {
    const written = this.list.filter((side) => !isEmpty(side));
    return Object.fromEntries(written.map(({ lang, title, body }) => [lang, { title, body }]));
  }

  write(key: number, part: Partial<Side>): void {
    const side = this.list.find((each) => each.key === key);
    if (!side) return;
    Object.assign(side, part);
    this.#changed();
  }

  /** Whether the tag is well formed and no other side has it. */
  accepts(lang: Lang, except?: number): boolean {
    return canonical(lang) !== null && !this.list.some((side) => side.lang === canonical(lang) && side.key !== except);
  }

  setLang(key: number, lang: Lang): void {
    const side = this.list.find((each) => each.key === key);
    const tag = canonical(lang);
    if (!side || !tag || side.lang === tag || !this.accepts(tag, key)) return;
    side.lang = tag;
    this.#changed();
  }

  add(lang: Lang): void {
    const tag = canonical(lang);
    if (tag && this.accepts(tag)) this.list.push(this.#side(tag));
  }

  /** A post without any side could not be written any more, so the last one stays. */
  remove(key: number): SideDraft | null {
    const at = this.list.findIndex((side) => side.key === key);
    if (at < 0 || this.list.length === 1) return null;
    const [gone] = this.list.splice(at, 1);
    if (gone && !isEmpty(gone)) this.#changed();
    return gone ? $state.snapshot(gone) : null;
  }

  /** Brings a removed side back, unless its language was written anew meanwhile. */
  restore(side: SideDraft, at: number): void {
    if (!this.accepts(side.lang)) return;
    this.list.splice(at, 0, side);
    this.#changed();
  }

  #side(lang: Lang, text: Side = { title: '', body: '' }): SideDraft {
    this.#nextKey += 1;
    return { key: this.#nextKey, lang, title: text.title, body: text.body };
  }
}

export function isEmpty(side: Side): boolean {
  // Asked at every key: stops at the first letter instead of copying a long text.
  return !/\S/u.test(side.title) && !/\S/u.test(side.body);
}

/** The tag as BCP 47 writes it, or null when it is none. */
export function canonical(tag: string): Lang | null {
  try {
    return Intl.getCanonicalLocales(tag.trim())[0] ?? null;
  } catch {
    return null;
  }
}

/** `zh-Hans` and `zh-Hant` are one language in two scripts: a post in one is not waiting for the other. */
function isSameLanguage(a: Lang, b: Lang): boolean {
  return a.split('-')[0]?.toLowerCase() === b.split('-')[0]?.toLowerCase();
}
