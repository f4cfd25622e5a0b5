// What time it is, for showing ages and leaving out the year. Handed in, so that pictures and tests of the window stay alike.

export let now: () => number = Date.now;

export function useClock(clock: () => number): void {
  now = clock;
}
