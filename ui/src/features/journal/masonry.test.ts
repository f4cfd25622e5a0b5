import { describe, expect, it } from 'vitest';
import type { IndexEntry } from '../../host/host';
import { list, masonry, neighbour, shape, SIZE, visible } from './masonry';

const entry = (facts: Partial<IndexEntry> = {}): IndexEntry => ({
  id: 'x',
  aspect: 1000,
  titles: [true, true],
  excerpt: 40,
  at: 0,
  ...facts,
});

/** A journal with every shape in it, the same in each run. */
const mixed = (count: number): IndexEntry[] =>
  Array.from({ length: count }, (_, n) =>
    entry({ id: `${n}`, aspect: (n % 7) * 300, titles: [n % 3 !== 0, n % 5 !== 0], excerpt: (n * 13) % 255 }),
  );

describe('a card', () => {
  it('is as high as its parts', () => {
    const { cover, lines, height } = shape(entry(), 243, 'both');
    expect({ cover, lines }).toEqual({ cover: 243, lines: 2 });
    expect(height).toBe(243 + 12 + 21 + 20 + 4 + 2 * 19 + 8 + 22 + 12);
  });

  it('does not let a very long picture fill the window', () => {
    expect(shape(entry({ aspect: 9000 }), 200, 'both').cover).toBe(268);
  });

  it('drops the title of a language that is not read, unless it is the only one', () => {
    expect(shape(entry(), 243, 'en')).toMatchObject({ zh: false, other: true });
    expect(shape(entry({ titles: [true, false] }), 243, 'en')).toMatchObject({ zh: true, other: false });
  });

  it('has room to say that a side is missing', () => {
    expect(shape(entry({ titles: [false, true], excerpt: 0 }), 243, 'both').lines).toBe(1);
    expect(shape(entry({ titles: [true, true], excerpt: 0 }), 243, 'both').lines).toBe(0);
  });

  it('without any text has a line all the same', () => {
    expect(shape(entry({ titles: [false, false], excerpt: 0 }), 243, 'both').nameless).toBe(true);
  });
});

describe('the masonry', () => {
  it('has four columns in the designed window and two in a narrow one', () => {
    expect(masonry(mixed(20), 1020, 'both')).toMatchObject({ columns: 4, columnWidth: 243 });
    expect(masonry(mixed(20), 640, 'both').columns).toBe(2);
    expect(masonry(mixed(20), 150, 'both').columns).toBe(1);
  });

  it('lets no two cards of a column touch', () => {
    const layout = masonry(mixed(500), 1020, 'both');
    for (const stack of layout.stacks) {
      for (let at = 1; at < stack.length; at += 1) {
        const [above = 0, below = 0] = [stack[at - 1], stack[at]];
        expect((layout.top[below] ?? 0) - (layout.top[above] ?? 0) - (layout.height[above] ?? 0)).toBe(SIZE.gap);
      }
    }
  });

  it('of nothing is nothing high', () => {
    expect(masonry([], 1020, 'both').total).toBe(0);
  });

  it('places a hundred thousand cards, each in the shortest column', () => {
    const layout = masonry(mixed(100_000), 1020, 'both');
    expect(layout.stacks.reduce((cards, stack) => cards + stack.length, 0)).toBe(100_000);
    const ends = layout.stacks.map((stack) => {
      const last = stack.at(-1) ?? 0;
      return (layout.top[last] ?? 0) + (layout.height[last] ?? 0);
    });
    const tallest = layout.height.reduce((most, height) => Math.max(most, height), 0);
    expect(Math.max(...ends) - Math.min(...ends)).toBeLessThanOrEqual(tallest + SIZE.gap);
  });
});

describe('what is visible', () => {
  const layout = masonry(mixed(2000), 1020, 'both');

  it('is exactly what a look at every card finds', () => {
    for (const from of [0, 777, 12_345, layout.total - 900]) {
      const all = [...layout.top.keys()].filter(
        (at) => (layout.top[at] ?? 0) + (layout.height[at] ?? 0) >= from && (layout.top[at] ?? 0) <= from + 900,
      );
      expect(visible(layout, from, from + 900)).toEqual(all);
    }
  });

  it('in a list is the lines between', () => {
    expect(visible(list(mixed(100), 800), SIZE.row * 10 + 1, SIZE.row * 12 - 1)).toEqual([10, 11]);
  });
});

describe('the arrows', () => {
  const layout = masonry(mixed(200), 1020, 'both');

  it('go down and up again to the same card', () => {
    const below = neighbour(layout, 5, 'down');
    expect(below).not.toBe(5);
    expect(neighbour(layout, below, 'up')).toBe(5);
  });

  it('go to the next column at about the same height', () => {
    const right = neighbour(layout, 0, 'right');
    expect(layout.column[right]).toBe((layout.column[0] ?? 0) + 1);
  });

  it('stay at an edge', () => {
    expect(neighbour(layout, 0, 'up')).toBe(0);
    expect(neighbour(layout, 0, 'left')).toBe(0);
  });
});
