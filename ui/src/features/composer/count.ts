// How long a text is, in the unit its readers count in. Counts graphemes, never bytes or UTF-16 units.
import type { Lang } from '../../host/host';

export type Unit = 'characters' | 'words';

/** Scripts without spaces between words are counted by character. */
const BY_CHARACTER = /^(zh|ja|yue|wuu|nan|hak|lzh|th|lo|km|my)(-|$)/i;
/** A word in any script with spaces; `don't` and `twenty-one` are one each. */
const WORD = /[\p{L}\p{N}\p{M}]+(?:['’.-][\p{L}\p{N}\p{M}]+)*/gu;
/** Text in which every UTF-16 unit that is no space is a grapheme of its own: no surrogates, marks, joiners or jamo. */
const SIMPLE =
  /^[\t\n\r\u0020-\u02ff\u2000-\u200a\u2010-\u2027\u2030-\u205e\u3000-\u3029\u3030-\u3098\u309b-\u9fff\uff00-\uffef]*$/u;

export function unitOf(lang: Lang): Unit {
  return BY_CHARACTER.test(lang) ? 'characters' : 'words';
}

/** Graphemes that are not white space, or words. */
export function countText(lang: Lang, text: string): number {
  return unitOf(lang) === 'words' ? countWords(text) : countCharacters(text);
}

function countWords(text: string): number {
  let words = 0;
  for (const line of text.split('\n')) words += line.match(WORD)?.length ?? 0;
  return words;
}

/** Line by line, because a segmenter over one megabyte would hold up typing and most lines need none. */
export function countCharacters(text: string): number {
  let characters = 0;
  for (const line of text.split('\n')) {
    characters += SIMPLE.test(line) ? line.replace(/\s+/gu, '').length : countGraphemes(line);
  }
  return characters;
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

function countGraphemes(line: string): number {
  let graphemes = 0;
  for (const { segment } of segmenter.segment(line)) if (segment.trim() !== '') graphemes += 1;
  return graphemes;
}
