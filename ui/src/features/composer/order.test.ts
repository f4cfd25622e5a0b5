import { describe, expect, it } from 'vitest';
import { moved, placeAt } from './order';

describe('order', () => {
  it.each([
    [0, 2, 'bcad'],
    [3, 0, 'dabc'],
    [1, 1, 'abcd'],
    [0, -5, 'abcd'],
    [0, 99, 'bcda'],
  ])('moving %i to %i gives %s', (from, to, expected) => {
    expect(moved([...'abcd'], from, to).join('')).toBe(expected);
  });

  it('finds the place of a held tile in a row and in the next row', () => {
    const spots = [
      { middle: 50, top: 0, bottom: 100 },
      { middle: 150, top: 0, bottom: 100 },
      { middle: 50, top: 110, bottom: 210 },
    ];
    expect(placeAt(spots, 10, 50)).toBe(0);
    expect(placeAt(spots, 120, 50)).toBe(1);
    expect(placeAt(spots, 400, 50), 'after the end of a row is before the next row').toBe(2);
    expect(placeAt(spots, 400, 160)).toBe(3);
  });
});
