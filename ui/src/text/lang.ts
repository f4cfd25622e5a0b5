// Languages of sides: which is Chinese, what a reader sees first, how a language is called. Knows no interface words.
import type { Lang, Reading } from '../host/host';

export function isChinese(lang: Lang): boolean {
  return /^zh\b/i.test(lang);
}

/** The language of a line among those of its post, as far as its signs tell; absent where the post has none. */
export function langOfLine(line: string, langs: readonly Lang[]): Lang | undefined {
  const hasChinese = /\p{Script=Han}/u.test(line);
  return langs.find((lang) => isChinese(lang) === hasChinese) ?? langs[0];
}

/** A text with the language it is in. */
export interface Text {
  lang: Lang;
  text: string;
}

/** Texts of a map from language to text, Chinese first, then by tag; empty ones left out. */
export function texts(map: { [lang: Lang]: string }): Text[] {
  return Object.entries(map)
    .filter(([, text]) => text !== '')
    .map(([lang, text]) => ({ lang, text }))
    .sort((a, b) => Number(isChinese(b.lang)) - Number(isChinese(a.lang)) || a.lang.localeCompare(b.lang));
}

/** Those of the languages that are read; all of them when none of those is there, so that nothing is ever nameless. */
export function readable(map: { [lang: Lang]: string }, reading: Reading): Text[] {
  const all = texts(map);
  if (reading === 'both') return all;
  const wanted = all.filter(({ lang }) => isChinese(lang) === (reading === 'zh'));
  return wanted.length > 0 ? wanted : all;
}

/** A language in one sign or two, for a mark: 中, 繁, EN. */
export function shortOf(lang: Lang): string {
  if (!isChinese(lang)) return lang.slice(0, 2).toUpperCase();
  return /^zh-Hant\b/i.test(lang) ? '繁' : '中';
}

/** A language's name in itself, as a speaker looks for it: 中文, English. */
export function nameOf(lang: Lang): string {
  if (lang === 'zh-Hans' || lang === 'zh') return '中文';
  if (lang === 'zh-Hant') return '繁體中文';
  try {
    return new Intl.DisplayNames([lang], { type: 'language' }).of(lang) ?? lang;
  } catch {
    // A tag that the engine does not know is its own name.
    return lang;
  }
}
