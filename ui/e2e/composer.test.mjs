// Journeys of a writer: two sides with an input method, saving by itself, pictures, sending, and changes made elsewhere.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { barriers, visit, world } from './support.mjs';

const title = (page, lang) => page.locator(`.title textarea[lang="${lang}"]`);
const body = (page, lang) => page.locator(`.body textarea[lang="${lang}"]`);
const saved = (page) => page.locator('[data-state="saved"]').waitFor();

/** The editor is there, and with it the journal behind it. */
const ready = (page) => page.locator('.sheet').waitFor();

/** What the journal holds of the newest post. */
function held(page) {
  return page.evaluate(async () => {
    const id = [...window.sampan.posts.keys()].at(-1);
    return id ? window.sampan.call('post_get', id) : null;
  });
}

/** Types as a pinyin input method does: letters under composition, then the chosen characters. */
async function compose(page, letters, characters) {
  const keyboard = await page.context().newCDPSession(page);
  for (let length = 1; length <= letters.length; length += 1) {
    const text = letters.slice(0, length);
    await keyboard.send('Input.imeSetComposition', { text, selectionStart: length, selectionEnd: length });
  }
  await keyboard.send('Input.insertText', { text: characters });
}

describe('a writer', () => {
  world();

  it('writes two sides with an input method, and everything is kept without a word about saving', async () => {
    await visit(
      'posts=0&locale=en&clock',
      async (page) => {
        await page.waitForFunction(() => document.activeElement?.matches('.title textarea[lang="zh-Hans"]'));
        await compose(page, 'xiayu', '下雨了');
        await page.keyboard.press('Enter');
        assert.equal(await body(page, 'zh-Hans').evaluate((field) => field === document.activeElement), true);
        await compose(page, 'paohuijia', '跑回家。');
        await title(page, 'en').fill('Rain is coming');
        await body(page, 'en').pressSequentially('We ran home.');
        await saved(page);
        await page.waitForURL(/#\/edit\/0000/);
        const { content } = await held(page);
        assert.deepEqual(content.sides, {
          'zh-Hans': { title: '下雨了', body: '跑回家。' },
          en: { title: 'Rain is coming', body: 'We ran home.' },
        });
        assert.equal(await page.getByText('7 字').count(), 0, 'the title is not counted');
        await page.getByText('4 字').waitFor();
        await page.getByText('3 words').waitFor();
        await page.getByRole('button', { name: 'Journal', exact: true }).click();
        await page.getByText('下雨了').first().click();
        await page.getByText('We ran home.').waitFor();
      },
      { hash: '#/edit/new' },
    );
  });

  it('is not disturbed in the middle of a composition by saving or by changes elsewhere', async () => {
    await visit(
      'posts=0&locale=en&clock',
      async (page) => {
        await body(page, 'zh-Hans').click();
        await page.keyboard.insertText('船');
        await saved(page);
        const keyboard = await page.context().newCDPSession(page);
        await keyboard.send('Input.imeSetComposition', { text: 'hu', selectionStart: 2, selectionEnd: 2 });
        await page.waitForTimeout(900);
        await page.evaluate(() => window.sampan.emit({ event: 'posts_changed', posts: [] }));
        await keyboard.send('Input.imeSetComposition', { text: 'hubian', selectionStart: 6, selectionEnd: 6 });
        await keyboard.send('Input.insertText', { text: '湖边' });
        assert.equal(await body(page, 'zh-Hans').inputValue(), '船湖边');
        await page.waitForFunction(() => {
          const post = [...window.sampan.posts.values()].at(-1);
          return post.revisions.at(-1).content.sides['zh-Hans'].body === '船湖边';
        });
      },
      { hash: '#/edit/new' },
    );
  });

  it('who writes nothing makes no post', async () => {
    await visit(
      'posts=0&locale=en',
      async (page) => {
        await title(page, 'en').click();
        await page.getByText('Nothing written yet').waitFor();
        await page.keyboard.press('Escape');
        await page.keyboard.press('Escape');
        assert.equal(await held(page), null);
      },
      { hash: '#/edit/new' },
    );
  });

  it('is told the truth when a save fails, keeps the text, and has it saved when that is possible again', async () => {
    await visit(
      'posts=0&locale=en&clock',
      async (page) => {
        await ready(page);
        await page.evaluate(() => window.sampan.failing.set('draft_save', { code: 'disk_full' }));
        await body(page, 'en').fill('Do not lose this');
        const alert = page.getByRole('alert').filter({ hasText: 'Not saved' });
        await alert.waitFor();
        assert.match(await alert.innerText(), /disk is full/);
        assert.equal(await page.getByText(/^Saved/).count(), 0, 'nothing claims to be saved');
        await page.evaluate(() => window.sampan.failing.clear());
        await page.getByRole('button', { name: 'Try again' }).click();
        await saved(page);
        assert.equal((await held(page)).content.sides.en.body, 'Do not lose this');
      },
      { hash: '#/edit/new' },
    );
  });

  it('who closes the window at once loses nothing', async () => {
    await visit(
      'posts=0&locale=en&clock',
      async (page) => {
        await body(page, 'en').fill('The last word');
        await page.evaluate(() => window.sampan.close());
        assert.equal((await held(page)).content.sides.en.body, 'The last word');
      },
      { hash: '#/edit/new' },
    );
  });

  it('adds pictures, orders them by keyboard, describes them, takes one out and back', async () => {
    await visit(
      'posts=0&locale=en&clock',
      async (page) => {
        await ready(page);
        await page.evaluate(() => (window.sampan.picked = ['/a/1.jpg', '/a/2.jpg', '/a/3.mp4']));
        await page.getByRole('button', { name: /Drop photos or clips/ }).click();
        await page.locator('.tile').nth(2).waitFor();
        const names = () => page.locator('.tile').evaluateAll((tiles) => tiles.map((tile) => tile.title));
        assert.deepEqual(await names(), ['1.jpg', '2.jpg', '3.mp4']);
        await page.locator('.tile').first().focus();
        await page.keyboard.press('Alt+ArrowRight');
        assert.deepEqual(await names(), ['2.jpg', '1.jpg', '3.mp4']);
        await page.getByText('1.jpg is now number 2 of 3.').waitFor({ state: 'attached' });
        await page.getByRole('textbox', { name: 'Alt text, en' }).fill('Boats on the shore');
        await page.locator('.tile').nth(1).focus();
        await page.keyboard.press('Delete');
        assert.deepEqual(await names(), ['2.jpg', '3.mp4']);
        await page.getByRole('button', { name: 'Undo' }).click();
        assert.deepEqual(await names(), ['2.jpg', '1.jpg', '3.mp4']);
        await saved(page);
        const { content } = await held(page);
        assert.deepEqual(
          content.attachments.map(({ name, alt }) => [name, alt]),
          [
            ['2.jpg', {}],
            ['1.jpg', { en: 'Boats on the shore' }],
            ['3.mp4', {}],
          ],
        );
      },
      { hash: '#/edit/new' },
    );
  });

  it('drags a picture to another place', async () => {
    await visit(
      'posts=0&locale=en',
      async (page) => {
        await ready(page);
        await page.evaluate(() => (window.sampan.picked = ['/a/1.jpg', '/a/2.jpg', '/a/3.jpg']));
        await page.getByRole('button', { name: /Drop photos or clips/ }).click();
        await page.locator('.tile').nth(2).waitFor();
        const box = async (at) => page.locator('.tile').nth(at).boundingBox();
        const [from, to] = [await box(2), await box(0)];
        await page.mouse.move(from.x + 40, from.y + 60);
        await page.mouse.down();
        await page.mouse.move(from.x - 40, from.y + 60, { steps: 4 });
        await page.mouse.move(to.x + 10, to.y + 60, { steps: 4 });
        await page.mouse.up();
        const names = await page.locator('.tile').evaluateAll((tiles) => tiles.map((tile) => tile.title));
        assert.deepEqual(names, ['3.jpg', '1.jpg', '2.jpg']);
      },
      { hash: '#/edit/new' },
    );
  });

  it('sends to the folder feed by keyboard, waits while it is away, and is told when it is there', async () => {
    await visit(
      'posts=0&locale=en&offline&clock',
      async (page) => {
        await body(page, 'en').fill('To the folder');
        await page.getByText('Saved in the journal').waitFor();
        await page.getByRole('switch', { name: 'Send to Folder feed' }).click();
        await page.getByRole('button', { name: 'Send to Folder feed' }).waitFor();
        await body(page, 'en').press('Control+Enter');
        await page.getByText('Waiting to be sent').waitFor();
        await page.evaluate(async () => {
          window.sampan.online = true;
          await window.sampan.call('sync_now');
        });
        await page.locator('header').getByText('Sent', { exact: true }).waitFor();
        await body(page, 'en').fill('To the folder, again');
        await page.getByRole('button', { name: 'Update Folder feed' }).waitFor();
      },
      { hash: '#/edit/new' },
    );
  });

  it('is told when the post was changed elsewhere, and finds the other version in its history', async () => {
    await visit(
      'posts=0&locale=en&clock',
      async (page) => {
        await body(page, 'en').fill('Mine');
        await saved(page);
        await page.evaluate(async () => {
          const id = [...window.sampan.posts.keys()].at(-1);
          const { content, revision, version } = await window.sampan.call('post_get', id);
          await window.sampan.call('draft_seal', id);
          content.sides.en.body = 'Theirs';
          // Quietly, as when the news comes late: the journal itself must notice.
          const emit = window.sampan.emit;
          window.sampan.emit = () => undefined;
          await window.sampan.call('draft_save', { post: id, base: revision, version, content });
          window.sampan.emit = emit;
        });
        await body(page, 'en').fill('Mine, longer');
        await page.getByText('also changed elsewhere').waitFor();
        assert.equal(await body(page, 'en').inputValue(), 'Mine, longer');
        await page.getByRole('button', { name: 'See history' }).click();
        await page.getByRole('heading', { name: 'History' }).waitFor();
      },
      { hash: '#/edit/new' },
    );
  });

  it('changes the language of a side, adds one and takes one away', async () => {
    await visit(
      'posts=0&locale=en&clock',
      async (page) => {
        await body(page, 'zh-Hans').fill('後來');
        await page.getByRole('button', { name: /Language of this side: 中文/ }).click();
        await page.getByRole('menuitem', { name: '繁體中文' }).click();
        assert.equal(await body(page, 'zh-Hant').inputValue(), '後來');
        await page.getByRole('button', { name: 'Add a language' }).click();
        await page.getByRole('menuitem', { name: 'Another language…' }).click();
        await page.getByRole('textbox', { name: 'Language tag' }).fill('yue_x');
        await page.getByText('This is no language tag').waitFor();
        await page.getByRole('textbox', { name: 'Language tag' }).fill('yue-hant');
        await page.getByRole('button', { name: 'Use it' }).click();
        await body(page, 'yue-Hant').fill('後尾');
        await saved(page);
        assert.deepEqual(Object.keys((await held(page)).content.sides).sort(), ['yue-Hant', 'zh-Hant']);
        await page.getByRole('button', { name: /Language of this side: English/ }).click();
        await page.getByRole('menuitem', { name: 'Remove this side' }).click();
        assert.equal(await body(page, 'en').count(), 0);
      },
      { hash: '#/edit/new' },
    );
  });

  it('types on at the end of a text of a megabyte and keeps all of it', async () => {
    const long = '今天教外国朋友点奶茶。第一步，先选杯型。\n'.repeat(15_000);
    await visit(
      'posts=0&locale=en&clock',
      async (page) => {
        await body(page, 'zh-Hans').evaluate((field, text) => {
          field.value = text;
          field.dispatchEvent(new InputEvent('input', { bubbles: true }));
        }, long);
        await saved(page);
        // Every system has another key for the end of a text.
        await body(page, 'zh-Hans').evaluate((field) => {
          field.focus();
          field.setSelectionRange(field.value.length, field.value.length);
        });
        await page.keyboard.insertText('完');
        let kept = '';
        for (let look = 0; look < 100 && !kept.endsWith('完'); look += 1) {
          await page.waitForTimeout(200);
          kept = (await held(page)).content.sides['zh-Hans'].body;
        }
        assert.equal(kept.length, long.length + 1);
        assert.ok(kept.startsWith(long), 'the text is as it was up to the new character');
      },
      { hash: '#/edit/new' },
    );
  });

  it('meets no barrier in the editor and its dialogs, in both themes', async () => {
    for (const theme of ['light', 'dark']) {
      await visit(
        `posts=0&locale=en&theme=${theme}`,
        async (page) => {
          await ready(page);
          await page.evaluate(() => (window.sampan.picked = ['/a/1.jpg', '/a/2.mp4']));
          await page.getByRole('button', { name: /Drop photos or clips/ }).click();
          await title(page, 'en').fill('Boats');
          await page.getByRole('switch', { name: 'Send to Folder feed' }).click();
          await saved(page);
          assert.deepEqual(await barriers(page), []);
          for (const name of ['Preview', /Change the moment/, 'place']) {
            await page.getByRole('button', { name, exact: typeof name === 'string' }).click();
            await page.getByRole('dialog').waitFor();
            assert.deepEqual(await barriers(page), []);
            await page.keyboard.press('Escape');
            await page.getByRole('dialog').waitFor({ state: 'detached' });
          }
        },
        { hash: '#/edit/new' },
      );
    }
  });
});
