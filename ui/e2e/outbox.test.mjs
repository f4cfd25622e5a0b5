// Journeys of a sender: what waits, what needs a decision, and the feeds themselves.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { barriers, visit, world } from './support.mjs';

describe('a sender', () => {
  world();

  it('sees what waits while a feed is away, and sends it when it is back', async () => {
    await visit(
      'posts=24&locale=en&offline',
      async (page) => {
        await page.getByRole('heading', { name: 'Outbox' }).waitFor();
        await page.getByText(/waiting · 1 needs you/).waitFor();
        assert.deepEqual(await barriers(page), []);
        await page.evaluate(() => (window.sampan.online = true));
        await page.getByRole('button', { name: 'Send now' }).click();
        await page.getByText('1 needs you', { exact: true }).waitFor();
        await page.getByRole('heading', { name: 'Sent today' }).waitFor();
      },
      { hash: '#/outbox' },
    );
  });

  it('is told why something cannot go on and what to do', async () => {
    await visit(
      'posts=24&locale=en',
      async (page) => {
        await page.getByText('Nothing was overwritten.').waitFor();
        await page.getByRole('button', { name: 'Send mine over it' }).click();
        await page.getByText('Nothing was overwritten.').waitFor({ state: 'detached' });
      },
      { hash: '#/outbox' },
    );
  });

  it('is never offered to send a post that shall be taken down', async () => {
    await visit(
      'posts=24&locale=en',
      async (page) => {
        const show = (reason) =>
          page.evaluate((reason) => {
            const { sampan } = window;
            const [key, delivery] = [...sampan.deliveries].find(([, { state }]) => state === 'needs_you');
            const receipt = sampan.receiptFor(delivery.post, 'published', delivery.feed);
            sampan.deliveries.set(key, { ...delivery, wanted: 'withdrawn', reason, receipt });
            sampan.announce(null);
          }, reason);
        const offers = async () => (await page.locator('li.needy .actions').innerText()).split('\n');
        for (const [reason, way, leaves] of [
          ['refused', 'Try again', 'Leave it there'],
          ['maybe_there', 'No, it is not there', 'Yes, it is there'],
          ['changed_there', 'Take it down all the same', 'Leave it there'],
        ]) {
          await show(reason);
          await page.getByRole('button', { name: way }).waitFor();
          const said = await offers();
          assert.ok(said.includes(leaves), said.join());
          assert.deepEqual(
            said.filter((text) => /send|open the post/i.test(text)),
            [],
          );
        }
        await page.getByText('Nothing was taken down.').waitFor();
        await page.getByRole('button', { name: 'Take it down all the same' }).click();
        await page.getByText('Nothing was taken down.').waitFor({ state: 'detached' });
      },
      { hash: '#/outbox' },
    );
  });

  it('with nothing to send reads what the outbox is for', async () => {
    await visit('posts=0&locale=zh-CN', (page) => page.getByText('没有待发送的内容').waitFor(), { hash: '#/outbox' });
  });

  it('sets up a folder feed, tests it honestly and parts with it', async () => {
    await visit(
      'posts=0&locale=en',
      async (page) => {
        await page.getByRole('button', { name: /Folder feed/ }).click();
        await page.getByRole('switch', { name: 'Use this feed' }).click();
        await page.getByRole('button', { name: 'Test connection' }).click();
        await page.getByText('The folder takes files.').waitFor();
        await page.evaluate(() => (window.sampan.online = false));
        await page.getByRole('button', { name: 'Test connection' }).click();
        await page.getByText('an unplugged disk').waitFor();
        await page.getByRole('textbox', { name: 'Address on the web' }).fill('example.org');
        await page.getByText('begins with https').waitFor();
        await page.getByRole('textbox', { name: 'Address on the web' }).fill('https://example.org/notes');
        await page.getByRole('textbox', { name: 'Author' }).fill('梅');
        await page.getByRole('textbox', { name: 'Author' }).press('Tab');
        const options = await page.evaluate(async () => (await window.sampan.call('feed_list'))[0].options);
        assert.deepEqual([options.base_url, options.author], ['https://example.org/notes', '梅']);
        assert.deepEqual(await barriers(page), []);
        await page.getByRole('button', { name: 'Remove feed' }).click();
        await page.getByText('Your posts stay in the journal.').waitFor();
        await page.getByRole('button', { name: 'Remove', exact: true }).click();
        await page.getByText('No feed yet').waitFor();
      },
      { hash: '#/feeds' },
    );
  });
});
