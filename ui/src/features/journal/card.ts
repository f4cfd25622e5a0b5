// Which words of a card are shown. Pure: the same card and choice give the same words.
import type { Card, Reading } from '../../host/host';
import { isChinese, readable, texts, type Text } from '../../text/lang';
import type { Shape } from './masonry';

export interface Title extends Text {
  zh: boolean;
}

/** One title for each line that the shape reserved, Chinese first. */
export function titlesOf(card: Card, shape: Pick<Shape, 'zh' | 'other'>): Title[] {
  const all = texts(card.titles).map((text) => ({ ...text, zh: isChinese(text.lang) }));
  const lines = [shape.zh ? all.find(({ zh }) => zh) : undefined, shape.other ? all.find(({ zh }) => !zh) : undefined];
  return lines.filter((title) => title !== undefined);
}

/** The beginning of the first side that is read and has text. */
export function excerptOf(card: Card, reading: Reading): Text | null {
  return readable(card.excerpts, reading)[0] ?? null;
}

/** The side that a post with one side lacks; null when it has both or none. */
export function missingSide(card: Pick<Card, 'titles' | 'excerpts'>): 'zh' | 'en' | null {
  const langs = [...Object.keys(card.titles), ...Object.keys(card.excerpts)];
  const zh = langs.some(isChinese);
  const other = langs.some((lang) => !isChinese(lang));
  if (zh === other) return null;
  return zh ? 'en' : 'zh';
}
