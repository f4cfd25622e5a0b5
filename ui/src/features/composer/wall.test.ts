import { CalendarDateTime } from '@internationalized/date';
import { describe, expect, it } from 'vitest';
import { fromWall, toWall, zones } from './wall';

const AT = Date.UTC(2025, 0, 7, 8, 40);

describe('the clock on the wall', () => {
  it.each([
    ['Asia/Shanghai', '2025-01-07T16:40:00'],
    ['+08:00', '2025-01-07T16:40:00'],
    ['-03:30', '2025-01-07T05:10:00'],
    ['America/New_York', '2025-01-07T03:40:00'],
    ['Nowhere/Unknown', '2025-01-07T08:40:00'],
  ])('in %s shows %s, and leads back to the instant', (zone, shown) => {
    const wall = toWall({ at: AT, zone });
    expect(wall.toString()).toBe(shown);
    expect(fromWall(wall, zone)).toEqual({ at: AT, zone });
  });

  it('keeps the time on the wall when the zone is corrected', () => {
    const moment = fromWall(new CalendarDateTime(2025, 7, 1, 12, 0), 'Europe/Berlin');
    expect(new Date(moment.at).toISOString()).toBe('2025-07-01T10:00:00.000Z');
  });

  it('offers the zone of the post even when the engine does not list it', () => {
    expect(zones('+05:45')).toContain('+05:45');
    expect(zones('UTC').filter((zone) => zone === 'UTC')).toHaveLength(1);
  });
});
