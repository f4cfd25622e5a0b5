import { beforeEach, describe, expect, it } from 'vitest';
import type { AssetView, Host, ImportedFile } from '../../host/host';
import { HostError } from '../../host/host';
import { Media, MOST_ATTACHMENTS } from './media.svelte';

export function photo(id: string): AssetView {
  return {
    id,
    kind: 'photo',
    mime: 'image/jpeg',
    bytes: 1000,
    width: 40,
    height: 30,
    duration_ms: null,
    codec: null,
    colour: null,
    taken: null,
    point: null,
    problem: null,
    has_picture: true,
  };
}

function added(id: string): ImportedFile {
  return { name: `${id}.jpg`, path: `/p/${id}.jpg`, outcome: 'added', asset: photo(id), error: null };
}

let pasted: ImportedFile | HostError;
let changes: number;
let media: Media;

const host = {
  call: async () => {
    if (pasted instanceof HostError) throw pasted;
    return pasted;
  },
} as unknown as Pick<Host, 'call'>;

beforeEach(() => {
  changes = 0;
  media = new Media(host, () => (changes += 1));
  media.take(['a', 'b', 'c'].map(added));
});

const order = () => media.items.map((item) => item.asset).join('');

describe('media of a post', () => {
  it('takes files in the order they were given and selects the first', () => {
    expect([order(), media.selected, media.cover]).toEqual(['abc', 'a', 'a']);
    expect(changes, 'one import is one change').toBe(1);
  });

  it('keeps the cover when another picture is moved to the front', () => {
    media.moveTo('c', 0);
    expect([order(), media.cover]).toEqual(['cab', 'a']);
    media.moveTo('c', 2);
    expect([order(), media.cover, media.chosenCover]).toEqual(['abc', 'a', null]);
  });

  it('does not move beyond the ends', () => {
    media.moveBy('a', -1);
    media.moveBy('c', 1);
    expect([order(), changes]).toEqual(['abc', 1]);
  });

  it('brings a removed file back to its place, with alt text and cover', () => {
    media.chooseCover('b');
    media.setAlt('b', 'zh-Hans', '湖');
    media.remove('b');
    expect([order(), media.cover, media.selected]).toEqual(['ac', 'a', 'a']);
    media.undoRemove();
    expect([order(), media.cover, media.items[1]?.alt]).toEqual(['abc', 'b', { 'zh-Hans': '湖' }]);
  });

  it('attaches the same original once', () => {
    media.take([{ ...added('b'), outcome: 'duplicate' }, added('d')]);
    expect(order()).toBe('abcd');
  });

  it('attaches a pasted picture, and says why one could not be kept', async () => {
    pasted = added('d');
    await media.paste('d.png', 'AAAA');
    expect([order(), media.pasting]).toEqual(['abcd', 0]);
    pasted = new HostError({ code: 'disk_full' });
    await media.paste('e.png', 'AAAA');
    expect([order(), changes]).toEqual(['abcd', 2]);
    expect(media.refusals).toEqual([{ name: 'e.png', error: { code: 'disk_full' } }]);
  });

  it('takes as many files as a post may have and names the others', () => {
    media.take(Array.from({ length: MOST_ATTACHMENTS }, (_, index) => added(`n${index}`)));
    expect(media.items.length).toBe(MOST_ATTACHMENTS);
    expect(media.refusals.length).toBe(3);
  });

  it('moves alt texts with the language of their side, and never over another', () => {
    media.setAlt('a', 'zh-Hans', '船');
    media.setAlt('b', 'zh-Hans', '湖');
    media.setAlt('b', 'zh-Hant', '湖邊');
    media.renameLang('zh-Hans', 'zh-Hant');
    expect(media.items.map((item) => item.alt)).toEqual([{ 'zh-Hant': '船' }, { 'zh-Hant': '湖邊' }, {}]);
  });

  it('has no alt text of spaces', () => {
    media.setAlt('a', 'en', 'boats');
    media.setAlt('a', 'en', '  ');
    expect(media.items[0]?.alt).toEqual({});
  });
});
