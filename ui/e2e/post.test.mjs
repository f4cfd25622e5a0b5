// Journeys of a reader: a post with its pictures, its history and the way back, the bin and back.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { barriers, visit, world } from './support.mjs';

/** Goes to the sample post that says this. */
async function open(page, name, words) {
  await page.locator('.wall li a[data-filled]').first().waitFor();
  const id = await page.evaluate(async (words) => {
    for (const id of window.sampan.posts.keys()) {
      const view = await window.sampan.call('post_get', id);
      if (JSON.stringify(view.content.sides).includes(words)) return id;
    }
    return null;
  }, words);
  await page.evaluate((address) => {
    location.hash = address;
  }, `#/${name}/${id}`);
  return id;
}

describe('a reader', () => {
  world();

  it('reads one language or both', async () => {
    await visit('posts=24&locale=en', async (page) => {
      await open(page, 'post', '奶茶店怎么点单');
      const chinese = page.getByRole('heading', { name: '奶茶店怎么点单', exact: true, level: 2 });
      const english = page.getByRole('heading', { name: 'How to order milk tea', exact: true, level: 2 });
      await chinese.waitFor();
      await english.waitFor();
      await page.getByRole('radio', { name: 'English' }).click();
      await chinese.waitFor({ state: 'detached' });
      await page.getByRole('radio', { name: '中文' }).click();
      await english.waitFor({ state: 'detached' });
    });
  });

  it('looks at the photos one by one with the keyboard and comes back to the post', async () => {
    await visit('posts=24&locale=en', async (page) => {
      await open(page, 'post', '奶茶店怎么点单');
      await page.getByRole('button', { name: 'Show photo 2 of 6 large' }).click();
      await page.getByText('2 of 6').waitFor();
      await page.keyboard.press('ArrowRight');
      await page.getByText('3 of 6').waitFor();
      await page.keyboard.press('End');
      await page.getByText('6 of 6').waitFor();
      assert.equal(await page.getByRole('button', { name: 'Next' }).isDisabled(), true);
      await page.keyboard.press('Escape');
      await page.getByRole('heading', { name: '奶茶店怎么点单', exact: true }).first().waitFor();
      await page.waitForURL(/#\/post\//);
    });
  });

  it('is told where to go when a clip cannot be played here', async () => {
    await visit('posts=24&locale=en', async (page) => {
      await open(page, 'post', '第一次做英语作业');
      // Something that is no clip comes instead of one.
      await page.evaluate(() => (window.sampan.clipUrl = () => '/index.html'));
      await page.getByRole('button', { name: /Play clip/ }).click();
      await page.getByText('could not be played here').waitFor();
      await page.getByRole('button', { name: 'Open in player' }).click();
      assert.equal((await page.evaluate(() => window.sampan.opened)).length, 1);
    });
  });

  it('walks through the history, sees what changed, and takes an old version again', async () => {
    await visit('posts=24&locale=en&clock', async (page) => {
      const id = await open(page, 'edit', '奶茶店怎么点单');
      const field = page.locator('.body textarea[lang="en"]');
      const before = await field.inputValue();
      await page.evaluate((id) => window.sampan.call('draft_seal', id), id);
      await field.fill('Half sugar, please.');
      await page.locator('[data-state="saved"]').waitFor();
      await page.getByRole('button', { name: 'More' }).click();
      await page.getByRole('menuitem', { name: 'History' }).click();
      await page.locator('ins', { hasText: 'Half' }).waitFor();
      assert.ok((await page.locator('del').count()) > 0, 'what was taken away is marked');
      assert.deepEqual(await barriers(page), []);
      await page.locator('nav [aria-current="true"]').first().focus();
      await page.locator('nav button[aria-current="true"]').last().press('End');
      await page.getByRole('radio', { name: 'Compared with now' }).click();
      await page.getByRole('button', { name: 'Restore this version' }).click();
      await page.getByText('Restored as a new version').waitFor();
      await page.getByText('3 versions').waitFor();
      const held = await page.evaluate((id) => window.sampan.call('post_get', id), id);
      assert.equal(held.content.sides.en.body, before);
    });
  });

  it('puts a post into the bin and back', async () => {
    await visit('posts=24&locale=en', async (page) => {
      const id = await open(page, 'post', '奶茶店怎么点单');
      await page.getByRole('button', { name: 'More' }).click();
      await page.getByRole('menuitem', { name: 'Delete' }).click();
      await page.getByText(/is in the bin/).waitFor();
      const deleted = () =>
        page.evaluate(async (id) => (await window.sampan.call('post_get', id)).deleted_at !== null, id);
      assert.equal(await deleted(), true);
      await page.getByRole('button', { name: 'Undo' }).click();
      assert.equal(await deleted(), false);
    });
  });

  it('of a post that is gone is told so', async () => {
    await visit('posts=3&locale=en', (page) => page.getByText('not in the journal any more').waitFor(), {
      hash: '#/post/none',
    });
  });

  it('meets no barrier', async () => {
    for (const theme of ['light', 'dark']) {
      await visit(`posts=24&locale=zh-CN&theme=${theme}`, async (page) => {
        await open(page, 'post', '奶茶店怎么点单');
        await page.locator('.photos img.loaded').first().waitFor();
        assert.deepEqual(await barriers(page), []);
      });
    }
  });
});
