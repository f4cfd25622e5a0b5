// Journeys through the frame: first run, settings at once, files from outside, the bin, problems, and no barriers.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { barriers, visit, world } from './support.mjs';

describe('the window', () => {
  world();

  it('of a new journal offers three ways to begin', async () => {
    await visit('posts=0&locale=en', async (page) => {
      for (const way of ['Write', 'Choose photos or clips', 'Import a folder']) {
        await page.getByRole('button', { name: way }).waitFor();
      }
      await page.getByRole('button', { name: /^Write/ }).click();
      await page.waitForURL(/#\/edit\/new/);
    });
  });

  it('changes its language and its theme at once, everywhere', async () => {
    await visit(
      'locale=en',
      async (page) => {
        await page.getByRole('radio', { name: '中文' }).click();
        await page.getByRole('link', { name: '日记', exact: true }).waitFor();
        await page.getByRole('heading', { name: '设置' }).waitFor();
        assert.equal(await page.evaluate(() => document.documentElement.lang), 'zh-CN');
        const paper = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
        await page.getByRole('radio', { name: '深色' }).click();
        assert.equal(await paper(), 'rgb(25, 23, 20)');
        await page.getByRole('radio', { name: '浅色' }).click();
        assert.equal(await paper(), 'rgb(250, 248, 244)');
        await page.getByRole('radio', { name: '跟随系统' }).first().click();
        await page.getByRole('heading', { name: 'Settings' }).waitFor();
      },
      { hash: '#/settings' },
    );
  });

  it('begins a post with files that are dropped anywhere', async () => {
    await visit('locale=en', async (page) => {
      await page.locator('.wall li a[data-filled]').first().waitFor();
      await page.evaluate(() => window.sampan.drag({ kind: 'enter', paths: ['/a/1.jpg'], x: 9, y: 9 }));
      await page.getByText('Let go to begin a post').waitFor();
      await page.evaluate(() => window.sampan.drag({ kind: 'drop', paths: ['/a/1.jpg', '/a/海.mp4'], x: 9, y: 9 }));
      await page.waitForURL(/#\/edit\/0000/);
      const kinds = await page.evaluate(async () => {
        const { posts } = window.sampan;
        const { content } = [...posts.values()].at(-1).revisions.at(-1);
        return content.attachments.map(({ asset }) => window.sampan.assets.get(asset).kind);
      });
      assert.deepEqual(kinds, ['photo', 'clip']);
    });
  });

  it('says of each file that did not come in why, and keeps the others', async () => {
    await visit('locale=en&delay=60', async (page) => {
      await page.locator('.wall li a[data-filled]').first().waitFor();
      const paths = ['/a/1.jpg', '/a/missing.jpg', '/a/empty.png', '/a/2.jpg'];
      await page.evaluate((paths) => window.sampan.drag({ kind: 'drop', paths, x: 9, y: 9 }), paths);
      await page.getByRole('progressbar', { name: 'Bringing files in' }).waitFor();
      await page.getByText('2 came in, 2 did not').waitFor();
      await page.getByText('empty.png has nothing in it').waitFor();
    });
  });

  it('stops an import and keeps what is done', async () => {
    await visit('locale=en&delay=60', async (page) => {
      await page.locator('.wall li a[data-filled]').first().waitFor();
      const paths = Array.from({ length: 50 }, (_, n) => `/a/${n}.jpg`);
      await page.evaluate((paths) => window.sampan.drag({ kind: 'drop', paths, x: 9, y: 9 }), paths);
      await page.getByText(/^[3-9] of 50 files/).waitFor();
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByText(/Stopped\. \d+ files are kept\./).waitFor();
    });
  });

  it('gives a deleted post back', async () => {
    await visit(
      'locale=en',
      async (page) => {
        await page.getByRole('heading', { name: 'The bin is empty' }).waitFor();
        await page.evaluate(async () => {
          const [id] = [...window.sampan.posts.keys()];
          await window.sampan.call('post_delete', id);
        });
        await page.getByRole('button', { name: 'Restore' }).click();
        await page.getByText('The post is back in the journal.').waitFor();
        await page.getByRole('heading', { name: 'The bin is empty' }).waitFor();
      },
      { hash: '#/bin' },
    );
  });

  it('says what is wrong with the folder, and opens another journal', async () => {
    await visit('locale=en&closed=folder_missing', async (page) => {
      await page.getByRole('heading', { name: "The journal's folder is not there" }).waitFor();
      await page.evaluate(() => (window.sampan.picked = ['/media/disk/Sampan']));
      await page.getByRole('button', { name: 'Choose another folder…' }).click();
      await page.locator('.wall li a[data-filled]').first().waitFor();
    });
  });

  it('goes to a section by a key, but not while someone writes', async () => {
    await visit('locale=en', async (page) => {
      await page.locator('.wall li a[data-filled]').first().waitFor();
      await page.keyboard.press('Control+5');
      await page.waitForURL(/#\/bin/);
      await page.keyboard.press('Escape');
      await page.locator('.wall li a[data-filled]').first().waitFor();
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Shortcuts' }).waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
      await page.keyboard.press('/');
      await page.keyboard.type('a?b/');
      assert.equal(await page.getByRole('textbox', { name: 'Search posts' }).inputValue(), 'a?b/');
    });
  });

  it('tells the truth about the connection', async () => {
    await visit('locale=en&offline', async (page) => {
      const card = page.getByRole('link', { name: /^Offline/ });
      await card.waitFor();
      await page.evaluate(async () => {
        window.sampan.online = true;
        await window.sampan.call('sync_now');
      });
      await page.getByRole('link', { name: /^Needs you/ }).waitFor();
      assert.equal(await card.count(), 0);
    });
  });

  for (const [screen, hash] of [
    ['journal', ''],
    ['settings', '#/settings'],
    ['bin', '#/bin'],
  ]) {
    for (const theme of ['light', 'dark']) {
      it(`has no barriers: ${screen}, ${theme}`, async () => {
        await visit(
          `locale=en&offline&theme=${theme}`,
          async (page) => {
            await page.waitForTimeout(500);
            assert.deepEqual(await barriers(page), []);
          },
          { hash },
        );
      });
    }
  }
});
