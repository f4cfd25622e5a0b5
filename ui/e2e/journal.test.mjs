// Journeys through the journal: thousands of cards, search in Chinese, the keyboard, and every state it can be in.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { visit, world } from './support.mjs';

/** Cards in the window that have nothing to show yet. */
const unfilled = (page) =>
  page.evaluate(
    () =>
      [...document.querySelectorAll('li a:not([data-filled])')].filter((card) => {
        const { top, bottom } = card.getBoundingClientRect();
        return bottom > 130 && top < innerHeight;
      }).length,
  );

const titles = (page) => page.locator('.wall li a .title:first-child').allInnerTexts();

describe('the journal', () => {
  world();

  it('of five thousand posts never shows an unfilled card once a scroll has settled', async () => {
    await visit('posts=5000&locale=en', async (page) => {
      await page.locator('.wall li a[data-filled]').first().waitFor();
      await page.mouse.move(700, 500);
      for (let n = 0; n < 30; n += 1) {
        await page.mouse.wheel(0, n % 5 === 4 ? 24_000 : 1_600);
        await page.waitForTimeout(120);
        assert.equal(await unfilled(page), 0, `after scroll ${n}`);
      }
      const count = await page.locator('.wall li').count();
      assert.ok(count > 8 && count < 160, `only the cards near the window exist, and ${count} do`);
    });
  });

  it('keeps every card where it stood while more are read', async () => {
    await visit('posts=400&locale=en&delay=40', async (page) => {
      const card = page.locator('.wall li').nth(5);
      await card.waitFor();
      const before = await card.boundingBox();
      await page.locator('.wall li a[data-filled]').nth(5).waitFor();
      assert.deepEqual(await card.boundingBox(), before);
    });
  });

  it('finds one Chinese character, and Escape brings everything back', async () => {
    await visit('locale=en', async (page) => {
      await page.locator('.wall li a[data-filled]').first().waitFor();
      await page.keyboard.press('/');
      await page.keyboard.insertText('湖');
      await page.getByRole('list', { name: /^[3-9] posts/ }).waitFor();
      for (const text of await page.locator('.wall li a').allInnerTexts()) assert.match(text, /湖|码头/);
      await page.keyboard.press('Escape');
      await page.getByRole('list', { name: '41 posts' }).waitFor();
    });
  });

  it('does not search while a word is being composed', async () => {
    await visit('locale=zh-CN', async (page) => {
      await page.locator('.wall li a[data-filled]').first().waitFor();
      await page.getByRole('textbox', { name: '搜索日记' }).focus();
      const keyboard = await page.context().newCDPSession(page);
      await keyboard.send('Input.imeSetComposition', { text: 'hu', selectionStart: 2, selectionEnd: 2 });
      await page.waitForTimeout(400);
      await page.getByRole('list', { name: '41 篇' }).waitFor();
      await keyboard.send('Input.insertText', { text: '湖' });
      await page.getByRole('list', { name: /^[3-9] 篇/ }).waitFor();
    });
  });

  it('says that nothing was found and how to go on', async () => {
    await visit('locale=en', async (page) => {
      await page.getByRole('textbox', { name: 'Search posts' }).fill('鲸');
      await page.getByRole('heading', { name: 'Nothing found' }).waitFor();
      await page.getByRole('button', { name: 'Clear the search' }).last().click();
      await page.getByRole('list', { name: '41 posts' }).waitFor();
      assert.equal(await page.getByRole('textbox', { name: 'Search posts' }).inputValue(), '');
    });
  });

  it('shows one language or both', async () => {
    await visit('locale=en', async (page) => {
      await page.locator('.wall li a[data-filled]').first().waitFor();
      assert.equal((await titles(page))[0], '湖边的小船');
      await page.getByRole('radio', { name: 'English only' }).click();
      assert.equal((await titles(page))[0], 'Little boats by the lake');
      await page.getByRole('radio', { name: 'Chinese only' }).click();
      assert.equal((await titles(page))[0], '湖边的小船');
      assert.ok((await titles(page)).includes('A dandelion, up close'), 'a post is never without its only title');
    });
  });

  it('filters by chip, one at a time', async () => {
    await visit('locale=en', async (page) => {
      await page.getByRole('button', { name: 'Clips' }).click();
      await page.getByRole('list', { name: '7 posts' }).waitFor();
      assert.equal(await page.locator('.wall .badge').count(), 7);
      await page.getByRole('button', { name: 'Needs 中文' }).click();
      await page.getByRole('list', { name: '5 posts' }).waitFor();
      await page.getByRole('button', { name: 'All' }).click();
      await page.getByRole('list', { name: '41 posts' }).waitFor();
    });
  });

  it('is walked through with the arrows, and Back returns to the same place', async () => {
    await visit('posts=600&locale=en', async (page) => {
      await page.locator('.wall li a[data-filled]').first().waitFor();
      await page.keyboard.press('Control+f');
      await page.keyboard.press('ArrowDown');
      for (let n = 0; n < 9; n += 1) await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowRight');
      const at = await page.evaluate(() => document.activeElement?.getAttribute('data-at'));
      const box = await page.locator(`[data-at="${at}"]`).boundingBox();
      assert.ok(box && box.y >= 100 && box.y + box.height <= 832, 'the card with the keyboard is in the window');
      const before = await page.locator('.wall').evaluate((wall) => wall.scrollTop);
      assert.ok(before > 1000);
      await page.keyboard.press('Enter');
      await page.waitForURL(/#\/post\//);
      await page.evaluate(() => history.back());
      await page.locator('.wall li a[data-filled]').first().waitFor();
      await page.waitForTimeout(100);
      assert.equal(await page.locator('.wall').evaluate((wall) => wall.scrollTop), before);
    });
  });

  it('shows a list as well', async () => {
    await visit('posts=3000&locale=en', async (page) => {
      await page.getByRole('radio', { name: 'List' }).click();
      await page.locator('.wall li.list a[data-filled]').first().waitFor();
      await page.mouse.move(700, 500);
      await page.mouse.wheel(0, 90_000);
      await page.waitForTimeout(300);
      assert.equal(await unfilled(page), 0);
    });
  });

  it('keeps the post that is being looked at when it is laid out anew', async () => {
    await visit('posts=2000&locale=en', async (page) => {
      await page.locator('.wall li a[data-filled]').first().waitFor();
      await page.locator('.wall').evaluate((wall) => (wall.scrollTop = 30_000));
      await page.waitForTimeout(300);
      const inWindow = () =>
        page.evaluate(() =>
          [...document.querySelectorAll('.wall li a')]
            .filter(
              (card) => card.getBoundingClientRect().bottom > 130 && card.getBoundingClientRect().top < innerHeight,
            )
            .map((card) => Number(card.getAttribute('data-at'))),
        );
      const first = Math.min(...(await inWindow()));
      assert.ok(first > 50);
      for (const change of [
        () => page.getByRole('radio', { name: 'List' }).click(),
        () => page.getByRole('radio', { name: 'Grid' }).click(),
        () => page.setViewportSize({ width: 760, height: 600 }),
      ]) {
        await change();
        await page.waitForTimeout(300);
        assert.ok((await inWindow()).includes(first), `post ${first} is still in the window`);
      }
    });
  });

  it('says what happened when it cannot be read, and recovers', async () => {
    await visit('locale=en&fails=post_index', async (page) => {
      await page.getByRole('alert').getByText('The journal could not be read').waitFor();
      await page.evaluate(() => window.sampan.failing.clear());
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.locator('.wall li a[data-filled]').first().waitFor();
    });
  });

  it('follows a change that was made elsewhere', async () => {
    await visit('locale=en', async (page) => {
      await page.locator('.wall li a[data-filled]').first().waitFor();
      await page.evaluate(async () => {
        const { sampan } = window;
        const [id] = [...sampan.posts.keys()];
        const { revision, version, content } = await sampan.call('post_get', id);
        content.sides['zh-Hans'].title = '改过的标题';
        await sampan.call('draft_save', { post: id, base: revision, version, content });
      });
      await page.getByText('改过的标题').first().waitFor();
    });
  });

  it('fits a small window without anything running over', async () => {
    for (const locale of ['en', 'zh-CN']) {
      await visit(
        `locale=${locale}&offline`,
        async (page) => {
          await page.locator('.wall li a[data-filled]').first().waitFor();
          const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.equal(over, 0);
          const bar = await page.locator('main header').evaluate((header) => header.scrollWidth - header.clientWidth);
          assert.equal(bar, 0, `the bar in ${locale}`);
        },
        { width: 720, height: 520 },
      );
    }
  });
});
