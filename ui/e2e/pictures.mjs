// Pictures for the tour of what the real program cannot be brought to within minutes, over the journal in memory: everything
// that can need a person, long texts in three languages, and many of everything. Run by `cargo xtask tour` as
// `node --test pictures.mjs`, with the folder in SAMPAN_PICTURES.
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { visit, world } from './support.mjs';

const FOLDER = process.env.SAMPAN_PICTURES ?? '.';
const WIDE = { width: 1280, height: 832 };
const NARROW = { width: 760, height: 600 };
/** As a window of 720 by 520 is at twice the size of everything. */
const LARGE = { width: 360, height: 260 };

const REASONS = [
  ['changed_there', 'gone_there', 'part_gone', 'full', 'maybe_there', 'copied', 'denied', 'signed_out', 'kept_back'],
  [
    'refused',
    'too_large',
    'too_long',
    'alt_too_long',
    'too_many_files',
    'mixed',
    'cannot_strip',
    'media_damaged',
    'cannot_change',
  ],
];

/** Lets deliveries of the sample need the person for these reasons, one each. */
function needPerson(reasons) {
  const all = [...window.sampan.deliveries];
  reasons.forEach((reason, at) => {
    const [key, delivery] = all[at];
    window.sampan.deliveries.set(key, { ...delivery, state: 'needs_you', reason });
  });
  window.sampan.announce(null);
}

/** The sample's conflict as it is with long texts in three languages, and with pictures, topics, moment and place that differ. */
function differInEverything() {
  const { sampan } = window;
  const [key, conflict] = [...sampan.conflicts][0];
  const long = (text) => text.repeat(14);
  const choice = (part, lang, here, there) => ({
    part,
    lang,
    merged: false,
    base: '',
    ours: here,
    theirs: there,
    pieces: [],
    ours_pieces: [
      { kind: 'same', text: here.slice(0, 4) },
      { kind: 'added', text: here.slice(4) },
    ],
    theirs_pieces: [
      { kind: 'same', text: there.slice(0, 4) },
      { kind: 'added', text: there.slice(4) },
    ],
  });
  const parts = [
    ...conflict.parts,
    choice('body', 'zh-Hant', long('走了三個小時，沒有訊號，很安靜。'), long('走了三個鐘頭，路上只遇到一隻狐狸。')),
    choice(
      'body',
      'en',
      long('Three hours of walking without a signal. '),
      long('We walked for three hours and met a fox. '),
    ),
    choice('attachments', null, 'IMG_2400.jpg\nIMG_2401.jpg', 'IMG_2400.jpg'),
    choice('topics', null, 'walk, 森林', 'walk'),
    choice('place', null, '青城山', ''),
  ];
  sampan.conflicts.set(key, { ...conflict, parts });
  sampan.announce(null);
}

/** Thirty feeds, some with names that no line holds, and an outbox of two hundred lines. */
function haveMany() {
  const { sampan } = window;
  const kinds = ['wordpress', 'mastodon', 'micropub'];
  const healths = ['reachable', 'unreachable', 'denied', 'signed_out', 'locked', 'unknown'];
  const posts = [...sampan.posts.keys()];
  for (let n = 0; n < 28; n += 1) {
    const name = n % 7 === 0 ? `我们一家人在成都写的博客与照片，第 ${n} 本 · The family journal` : `notes-${n}.example`;
    const feed = sampan.addFeed(name, n % 5 !== 4, { kind: kinds[n % 3], health: healths[n % healths.length] });
    for (let at = 0; at < 7; at += 1) sampan.addDelivery(posts[(n + at) % posts.length], feed, { state: 'queued' });
  }
  sampan.emit({ event: 'feeds_changed' });
  sampan.announce(null);
}

/** Photographed are: a place (`hash`), the weather there, what is done first, and what is waited for. */
const SCENES = [
  ...REASONS.map((reasons, at) => ({
    name: `outbox-needs-you-${at + 1}`,
    hash: '#/outbox',
    sizes: [WIDE, NARROW, LARGE],
    prepare: async (page) => {
      await page.evaluate(needPerson, reasons);
      await page
        .locator('li.needy')
        .nth(reasons.length - 1)
        .waitFor();
    },
  })),
  { name: 'outbox-day', weather: '&network', hash: '#/outbox', sizes: [WIDE, NARROW, LARGE] },
  {
    name: 'conflict-everything',
    weather: '&network',
    hash: '#/outbox',
    sizes: [WIDE],
    prepare: async (page) => {
      await page.evaluate(differInEverything);
      await page.locator('aside fieldset').nth(5).waitFor();
    },
  },
  ...['outbox', 'feeds'].map((place) => ({
    name: `${place}-many`,
    weather: '&network',
    hash: `#/${place}`,
    sizes: [WIDE, NARROW],
    prepare: async (page) => {
      await page.evaluate(haveMany);
      await page.locator('main li').nth(29).waitFor();
    },
  })),
];

describe('pictures', () => {
  world();
  for (const { name, weather = '', hash, sizes, prepare = () => {} } of SCENES) {
    for (const theme of ['light', 'dark']) {
      for (const [language, locale] of [
        ['en', 'en'],
        ['zh-Hans', 'zh-CN'],
      ]) {
        for (const size of sizes) {
          const file = `browser-${name}-${language}-${theme}-${size.width}.png`;
          it(file, () =>
            visit(
              `posts=24&locale=${locale}&theme=${theme}${weather}`,
              async (page) => {
                await page.locator('main li').first().waitFor();
                await prepare(page);
                await page.screenshot({ path: join(FOLDER, file), animations: 'disabled' });
              },
              { hash, ...size },
            ),
          );
        }
      }
    }
  }
});
