// Moving things in a row. Pure.

/** The list with the item at `from` standing at `to`; a place beyond an end means that end. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const rest = [...list];
  const taken = rest.splice(from, 1);
  rest.splice(Math.max(0, Math.min(to, rest.length)), 0, ...taken);
  return rest;
}

/** A tile on the screen: its middle and its row. */
export interface Spot {
  middle: number;
  top: number;
  bottom: number;
}

/** Where a tile that is held over (x, y) would stand: before the first tile that lies further in reading order. */
export function placeAt(spots: readonly Spot[], x: number, y: number, rightToLeft = false): number {
  const isAfter = (spot: Spot) => (rightToLeft ? x > spot.middle : x < spot.middle);
  const next = spots.findIndex((spot) => y < spot.top || (y <= spot.bottom && isAfter(spot)));
  return next < 0 ? spots.length : next;
}
