// Where every card of the journal stands, computed from its index entry alone: nothing is measured, so nothing jumps.
import type { IndexEntry, Reading } from '../../host/host';

/** Sizes in CSS pixels. `Card.svelte` draws with the same numbers. */
export const SIZE = {
  gutter: 24,
  gap: 16,
  leastColumn: 216,
  pad: 12,
  zhTitle: 21,
  enTitle: 20,
  excerptGap: 4,
  excerptLine: 19,
  footGap: 8,
  foot: 22,
  row: 68,
  /** Average width of one column of text (half a Chinese character) in an excerpt. */
  column: 6.5,
} as const;

/** A cover is never higher than this many times its width, so that one screenshot of a long page does not fill the window. */
const TALLEST = 1.34;
const FLATTEST = 0.4;
/** Lines of an excerpt under a picture, and of one that stands alone. */
const LINES = { withCover: 2, alone: 6 } as const;

export interface Shape {
  /** Height of the cover; 0 without one. */
  cover: number;
  /** Title lines: Chinese, other. */
  zh: boolean;
  other: boolean;
  /** Neither title nor text: one line says so. */
  nameless: boolean;
  /** Lines of excerpt, or the line that says which side is missing. */
  lines: number;
  height: number;
}

export interface Layout {
  columns: number;
  columnWidth: number;
  /** Per entry: column, top edge and height. */
  column: Uint16Array;
  top: Float64Array;
  height: Float64Array;
  /** Entries of each column from top to bottom. */
  stacks: number[][];
  /** Of everything. */
  total: number;
}

/** What a card of this width consists of. */
export function shape(entry: IndexEntry, width: number, reading: Reading): Shape {
  const ratio = Math.min(TALLEST, Math.max(FLATTEST, entry.aspect / 1000));
  const cover = entry.aspect === 0 ? 0 : Math.round(width * ratio);
  const [hasZh, hasOther] = entry.titles;
  const zh = hasZh && (reading !== 'en' || !hasOther);
  const other = hasOther && (reading !== 'zh' || !hasZh);
  const lines = excerptLines(entry, width, cover > 0, reading);
  const nameless = !zh && !other && lines === 0;
  const titles = (zh ? SIZE.zhTitle : 0) + (other ? SIZE.enTitle : 0) + (nameless ? SIZE.enTitle : 0);
  const excerpt = lines === 0 ? 0 : SIZE.excerptGap + lines * SIZE.excerptLine;
  const height = cover + SIZE.pad + titles + excerpt + SIZE.footGap + SIZE.foot + SIZE.pad;
  return { cover, zh, other, nameless, lines, height };
}

function excerptLines(entry: IndexEntry, width: number, hasCover: boolean, reading: Reading): number {
  if (entry.excerpt === 0) {
    // Room for "No Chinese side yet", where both sides are looked at and only one is there.
    return reading === 'both' && entry.titles[0] !== entry.titles[1] ? 1 : 0;
  }
  const perLine = Math.max(1, Math.floor((width - 2 * SIZE.pad) / SIZE.column));
  return Math.min(hasCover ? LINES.withCover : LINES.alone, Math.ceil(entry.excerpt / perLine));
}

/** Cards in columns: each goes where the least stands so far, so that reading order stays from top to bottom. */
export function masonry(entries: IndexEntry[], width: number, reading: Reading): Layout {
  const columns = Math.max(1, Math.floor((width + SIZE.gap) / (SIZE.leastColumn + SIZE.gap)));
  const columnWidth = Math.floor((width - (columns - 1) * SIZE.gap) / columns);
  const layout = empty(entries.length, columns, columnWidth);
  const ends = new Float64Array(columns);
  entries.forEach((entry, at) => {
    const column = lowest(ends);
    const { height } = shape(entry, columnWidth, reading);
    place(layout, at, column, ends[column] ?? 0, height);
    ends[column] = (ends[column] ?? 0) + height + SIZE.gap;
  });
  layout.total = Math.max(0, Math.max(...ends) - SIZE.gap);
  return layout;
}

/** Lines of equal height. */
export function list(entries: IndexEntry[], width: number): Layout {
  const layout = empty(entries.length, 1, width);
  for (let at = 0; at < entries.length; at += 1) place(layout, at, 0, at * SIZE.row, SIZE.row);
  layout.total = entries.length * SIZE.row;
  return layout;
}

/** Entries that touch the stretch between two heights, in their order. */
export function visible(layout: Layout, from: number, to: number): number[] {
  const found: number[] = [];
  for (const stack of layout.stacks) {
    for (let at = firstBelow(layout, stack, from); at < stack.length; at += 1) {
      const entry = stack[at] ?? 0;
      if ((layout.top[entry] ?? 0) > to) break;
      found.push(entry);
    }
  }
  return found.sort((a, b) => a - b);
}

export type Direction = 'up' | 'down' | 'left' | 'right';

/** The card beside a card; the card itself at an edge. */
export function neighbour(layout: Layout, entry: number, direction: Direction): number {
  const column = layout.column[entry] ?? 0;
  const stack = layout.stacks[column] ?? [];
  const at = stack.indexOf(entry);
  if (direction === 'up') return stack[at - 1] ?? entry;
  if (direction === 'down') return stack[at + 1] ?? entry;
  const beside = layout.stacks[column + (direction === 'left' ? -1 : 1)];
  if (!beside || beside.length === 0) return entry;
  return nearest(layout, beside, middle(layout, entry));
}

function nearest(layout: Layout, stack: number[], height: number): number {
  const distance = (entry: number) => Math.abs(middle(layout, entry) - height);
  return stack.reduce((best, entry) => (distance(entry) < distance(best) ? entry : best));
}

function middle(layout: Layout, entry: number): number {
  return (layout.top[entry] ?? 0) + (layout.height[entry] ?? 0) / 2;
}

/** Position in the stack of the first entry whose lower edge is at or below a height. */
function firstBelow(layout: Layout, stack: number[], height: number): number {
  let [low, high] = [0, stack.length];
  while (low < high) {
    const between = (low + high) >> 1;
    const entry = stack[between] ?? 0;
    if ((layout.top[entry] ?? 0) + (layout.height[entry] ?? 0) < height) low = between + 1;
    else high = between;
  }
  return low;
}

function empty(entries: number, columns: number, columnWidth: number): Layout {
  return {
    columns,
    columnWidth,
    column: new Uint16Array(entries),
    top: new Float64Array(entries),
    height: new Float64Array(entries),
    stacks: Array.from({ length: columns }, () => []),
    total: 0,
  };
}

function place(layout: Layout, at: number, column: number, top: number, height: number): void {
  layout.column[at] = column;
  layout.top[at] = top;
  layout.height[at] = height;
  layout.stacks[column]?.push(at);
}

function lowest(ends: Float64Array): number {
  return ends.reduce((best, end, at) => (end < (ends[best] ?? 0) ? at : best), 0);
}
