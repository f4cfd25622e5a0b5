import { describe, expect, it } from 'vitest';
import type { AssetView, ImportedFile } from '../host/host';
import { byDay, MOST_ATTACHMENTS, together } from './beginnings';

const NOW = { at: Date.UTC(2025, 0, 12, 6), zone: 'Asia/Shanghai' };

function file(id: string, facts: Partial<AssetView> = {}): ImportedFile {
  const asset = { id, taken: null, point: null, ...facts } as AssetView;
  return { name: `${id}.jpg`, path: `/a/${id}.jpg`, outcome: 'added', asset, error: null };
}

const taken = (...date: [number, number, number, number]) => ({ at: Date.UTC(...date), zone: 'Asia/Shanghai' });

describe('files that arrive together', () => {
  it('begin one post about the moment and place that they tell', () => {
    const point = { lat: 30, lon: 104 };
    const [post, ...others] = together([file('a'), file('b', { taken: taken(2024, 4, 1, 3), point })], NOW);
    expect(others).toEqual([]);
    expect(post?.attachments.map(({ asset }) => asset)).toEqual(['a', 'b']);
    expect(post?.moment).toEqual(taken(2024, 4, 1, 3));
    expect(post?.place).toEqual({ name: '', point });
  });

  it('are each there once, and those that failed are not', () => {
    const failed: ImportedFile = { ...file('c'), asset: null, outcome: 'failed', error: { code: 'file_empty' } };
    expect(together([file('a'), file('a'), failed], NOW)[0]?.attachments).toHaveLength(1);
  });

  it('become a post a day when one post cannot hold them', () => {
    const many = Array.from({ length: MOST_ATTACHMENTS + 1 }, (_, n) =>
      file(`${n}`, { taken: taken(2024, 4, 1 + (n % 2), 3) }),
    );
    expect(together(many, NOW).map(({ attachments }) => attachments.length)).toEqual([101, 100]);
  });
});

describe('a folder of pictures', () => {
  it('becomes a post for each day on the wall, oldest first', () => {
    // 17:00 in UTC is the next morning in Shanghai.
    const files = [
      file('late', { taken: taken(2024, 4, 1, 17) }),
      file('early', { taken: taken(2024, 4, 1, 3) }),
      file('undated'),
    ];
    const posts = byDay(files, NOW);
    expect(posts.map(({ attachments }) => attachments.map(({ asset }) => asset))).toEqual([
      ['early'],
      ['late'],
      ['undated'],
    ]);
    expect(posts[2]?.moment).toEqual(NOW);
  });

  it('splits a day that is too full', () => {
    const many = Array.from({ length: MOST_ATTACHMENTS + 5 }, (_, n) => file(`${n}`));
    expect(byDay(many, NOW).map(({ attachments }) => attachments.length)).toEqual([MOST_ATTACHMENTS, 5]);
  });
});
