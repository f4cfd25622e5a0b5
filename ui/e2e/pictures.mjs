// Pictures for the tour of what the real program cannot be brought to within minutes: everything that can need a person, over
// the journal in memory. Run by `cargo xtask tour` as `node --test pictures.mjs`, with the folder in SAMPAN_PICTURES.
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { visit, world } from './support.mjs';

const FOLDER = process.env.SAMPAN_PICTURES ?? '.';
const WIDE = { width: 1280, height: 832 };
const NARROW = { width: 760, height: 600 };
/** As a window of 720 by 520 is at twice the size of everything. */
const LARGE = { width: 360, height: 260 };

const REASONS = [
  ['changed_there', 'gone_there', 'full', 'maybe_there', 'denied', 'signed_out'],
  ['refused', 'too_large', 'too_long', 'too_many_files', 'mixed', 'cannot_strip', 'media_damaged', 'cannot_change'],
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

describe('pictures', () => {
  world();
  for (const theme of ['light', 'dark']) {
    for (const [language, locale] of [
      ['en', 'en'],
      ['zh-Hans', 'zh-CN'],
    ]) {
      for (const size of [WIDE, NARROW, LARGE]) {
        REASONS.forEach((reasons, at) => {
          const name = `browser-outbox-needs-you-${at + 1}-${language}-${theme}-${size.width}.png`;
          it(name, () =>
            visit(
              `posts=24&locale=${locale}&theme=${theme}`,
              async (page) => {
                await page.evaluate(needPerson, reasons);
                await page
                  .locator('li.needy')
                  .nth(reasons.length - 1)
                  .waitFor();
                await page.screenshot({ path: join(FOLDER, name), animations: 'disabled' });
              },
              { hash: '#/outbox', ...size },
            ),
          );
        });
      }
    }
  }
});
