// Journeys with feeds on the network: finding one, signing in, conflicts, lost answers, taking over, and posts for later.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { barriers, visit, world } from './support.mjs';

const DAY = 'posts=24&network&locale=en';

async function lookAt(page, address) {
  await page.getByRole('textbox', { name: 'Address' }).fill(address);
  await page.getByRole('textbox', { name: 'Address' }).press('Enter');
}

/** Opens the editor of the sample post with this English title. */
async function edit(page, title) {
  await page.getByRole('heading', { name: 'Outbox' }).waitFor();
  await page.evaluate((wanted) => {
    const post = [...window.sampan.posts.values()].find(
      ({ revisions }) => revisions.at(-1).content.sides.en?.title === wanted,
    );
    location.hash = `#/edit/${post.id}`;
  }, title);
  await page.locator('.sheet').waitFor();
}

const newest = (page, post) => page.evaluate((id) => window.sampan.posts.get(id).revisions.at(-1).content.sides, post);

describe('a sender on the network', () => {
  world();

  it('adds a WordPress blog by its address, after a wrong password and with no keychain', async () => {
    await visit(
      'posts=0&locale=en&no_keychain',
      async (page) => {
        await lookAt(page, 'nothing.example');
        await page.getByRole('alert').getByText('nothing that posts can be sent to').waitFor();
        await lookAt(page, 'blog.example');
        await page.getByText('WordPress · blog.example').waitFor();
        assert.deepEqual(await barriers(page), []);
        await page.getByRole('button', { name: 'Make one at blog.example' }).click();
        const opened = await page.evaluate(() => window.sampan.opened);
        assert.match(opened[0], /^https:\/\/blog\.example\/wp-admin\/profile\.php/);
        await page.getByRole('textbox', { name: 'Name you sign in with' }).fill('mei');
        await page.getByLabel('Application password').fill('wrong');
        await page.getByRole('button', { name: 'Sign in', exact: true }).click();
        await page.getByText('did not accept the sign-in').waitFor();
        await page.getByLabel('Application password').fill('abcd efgh ijkl');
        await page.getByRole('button', { name: 'Sign in', exact: true }).click();
        await page.getByText('no keychain that Sampan can use').waitFor();
        assert.equal(
          await page.getByRole('button', { name: 'Go on', exact: true }).isDisabled(),
          true,
          'nothing is chosen for them',
        );
        await page.getByText('Ask again at each start').click();
        assert.deepEqual(await barriers(page), []);
        await page.getByRole('button', { name: 'Go on', exact: true }).click();
        await page.getByText('Password in memory until Sampan ends').waitFor();
        await page.getByRole('button', { name: 'Test connection' }).click();
        await page.getByText('It answers and knows you.').waitFor();
        assert.deepEqual(await barriers(page), []);
        const kept = await page.evaluate(() => JSON.stringify([...window.sampan.feeds.values()]));
        assert.equal(kept.includes('abcd'), false, 'no password comes back over the door');
      },
      { hash: '#/feeds/add' },
    );
  });

  it('is warned before an address that is not encrypted is used', async () => {
    await visit(
      'posts=0&locale=en',
      async (page) => {
        await lookAt(page, 'http://nas.example');
        await page.getByText('everybody can read your password').waitFor();
        await page.getByRole('button', { name: 'Use it anyway' }).click();
        await page.getByRole('textbox', { name: 'Name you sign in with' }).waitFor();
      },
      { hash: '#/feeds/add' },
    );
  });

  it('gives a sign-in in the browser up, and signs in the second time', async () => {
    await visit(
      'posts=0&locale=en',
      async (page) => {
        await lookAt(page, '@me@mastodon.example');
        await page.getByRole('button', { name: 'Sign in with your browser' }).click();
        await page.getByText('Waiting for your browser').waitFor();
        assert.deepEqual(await barriers(page), []);
        await page.getByRole('button', { name: 'Cancel' }).click();
        await page.getByText('The sign-in was given up.').waitFor();
        assert.equal(await page.evaluate(() => window.sampan.feeds.size), 1);
        await page.getByRole('button', { name: 'Sign in with your browser' }).click();
        await page.getByText('Waiting for your browser').waitFor();
        await page.evaluate(() => window.sampan.inBrowser('deny'));
        await page.getByText('was refused in the browser').waitFor();
        await page.getByRole('button', { name: 'Sign in with your browser' }).click();
        await page.getByText('Waiting for your browser').waitFor();
        await page.evaluate(() => window.sampan.inBrowser('allow'));
        await page.getByText('500 characters in a post; every link counts as 23').waitFor();
        assert.deepEqual(await barriers(page), []);
      },
      { hash: '#/feeds/add' },
    );
  });

  it('brings two versions of a post together, with the keyboard', async () => {
    await visit(
      DAY,
      async (page) => {
        await page.getByRole('heading', { name: 'Two versions of “森林里的路”' }).waitFor();
        assert.deepEqual(await barriers(page), []);
        const post = await page.evaluate(() => [...window.sampan.conflicts.values()][0].post);
        await page.getByRole('radio', { name: /This computer/ }).focus();
        await page.keyboard.press('ArrowDown');
        await page.getByRole('button', { name: 'Use this version' }).press('Enter');
        await page.getByText('Both versions stay in its history.').waitFor();
        const sides = await newest(page, post);
        assert.equal(sides.en.title, 'A quiet path in the woods');
        assert.match(sides['zh-Hans'].body, /狐狸。回来以后腿很酸。$/);
        await page.getByText('Two versions of').waitFor({ state: 'detached' });
      },
      { hash: '#/outbox' },
    );
  });

  it('decides about one conflict with a double click, and goes on to the next', async () => {
    await visit(
      DAY,
      async (page) => {
        await page.getByRole('heading', { name: 'Two versions of' }).waitFor();
        await page.evaluate(() => {
          const { sampan } = window;
          const [conflict] = sampan.conflicts.values();
          const post = [...sampan.posts.keys()].find((id) => !sampan.deliveries.has(`${id}:${conflict.feed}`));
          sampan.conflicts.set(`${post}:${conflict.feed}`, { ...conflict, post, titles: { en: 'The second one' } });
          sampan.addDelivery(post, conflict.feed, { state: 'needs_you', reason: 'conflict' });
          sampan.announce(null);
          const call = sampan.call.bind(sampan);
          window.resolved = [];
          sampan.call = (name, input) => {
            if (name === 'conflict_resolve') window.resolved.push(input);
            return call(name, input);
          };
        });
        await page.getByRole('button', { name: 'Look at both versions' }).waitFor();
        const title = await page.locator('aside h2').innerText();
        const focused = () => page.evaluate(() => document.activeElement?.textContent);
        await page.getByRole('button', { name: 'Use this version' }).dblclick();
        await page.getByText('Both versions stay in its history.').waitFor();
        const heading = page.locator('aside h2:focus');
        await heading.waitFor();
        assert.notEqual(await heading.innerText(), title, 'the other one');
        assert.equal(await page.evaluate(() => window.resolved.length), 1);
        assert.equal(await page.locator('aside [role=alert]').count(), 0);
        await page.getByRole('button', { name: 'Use this version' }).press('Enter');
        await page.locator('aside h2').waitFor({ state: 'detached' });
        await page.locator('.scroll:focus').waitFor();
        assert.equal(await page.evaluate(() => window.resolved.length), 2);
        assert.match(await focused(), /Sent today/);
      },
      { hash: '#/outbox' },
    );
  });

  it('who decides about versions that are others by now is shown the newest, and nothing is done', async () => {
    await visit(
      DAY.replace('en', 'zh-CN'),
      async (page) => {
        await page.getByRole('button', { name: '看看两个版本' }).click();
        await page.getByRole('heading', { name: '“森林里的路”有两个版本' }).waitFor();
        assert.deepEqual(await barriers(page), []);
        await page.evaluate(() => {
          for (const [key, one] of window.sampan.conflicts)
            window.sampan.conflicts.set(key, { ...one, theirs: 'newer' });
        });
        await page.getByRole('button', { name: '使用这个版本' }).click();
        await page.getByText('所以什么都没有做').waitFor();
        await page.getByRole('button', { name: '保留为两篇' }).click();
        await page.getByText('现在是两篇了').waitFor();
      },
      { hash: '#/outbox', width: 760, height: 600 },
    );
  });

  it('tells whether a post arrived that its feed cannot find', async () => {
    await visit(
      DAY,
      async (page) => {
        await page.getByText('Was it posted?').waitFor();
        await page.getByRole('button', { name: 'Yes, it is there' }).click();
        await page.getByRole('button', { name: 'That is it' }).click();
        await page.getByText('A web address begins with https://').waitFor();
        await page.getByRole('textbox', { name: 'Address of the post there' }).fill('https://notes.example/42');
        await page.getByRole('button', { name: 'That is it' }).click();
        await page.getByText('Was it posted?').waitFor({ state: 'detached' });
        const urls = await page.evaluate(() => [...window.sampan.deliveries.values()].map((one) => one.receipt?.url));
        assert.equal(urls.includes('https://notes.example/42'), true);
      },
      { hash: '#/outbox' },
    );
  });

  it('sees how far an upload is, pauses a feed without losing what waits, and calls the upload back', async () => {
    await visit(
      DAY,
      async (page) => {
        await page.getByText('upload 62 %, 7.1 MB of 11.4 MB').waitFor();
        await page.getByText(/the answer was lost; checking before any retry, next look at/).waitFor();
        await page.getByText(/1 of 3 files are there, goes on with the rest at \d\d:\d\d/).waitFor();
        const line = page.getByRole('listitem').filter({ hasText: 'upload 62 %' });
        await line.getByRole('button', { name: 'More' }).click();
        await page.getByRole('menuitem', { name: 'Pause mastodon.social' }).click();
        await page.getByText('mastodon.social is paused.').waitFor();
        const feeds = await page.evaluate(() => window.sampan.call('feed_list'));
        assert.equal(feeds.find(({ kind }) => kind === 'mastodon').enabled, false);
        const off = page.getByRole('listitem').filter({ hasText: 'nothing goes there until you go on' });
        await off.first().getByText('paused', { exact: true }).waitFor();
        await page.getByRole('button', { name: 'Go on', exact: true }).click();
        await page.getByText('mastodon.social is paused.').waitFor({ state: 'detached' });
        await page.getByText('upload 62 %').waitFor();
        await line.getByRole('button', { name: 'More' }).click();
        await page.getByRole('menuitem', { name: 'Pause mastodon.social' }).click();
        await off.first().getByRole('button', { name: 'More' }).click();
        await page.getByRole('menuitem', { name: 'Go on' }).click();
        await page.getByText('upload 62 %').waitFor();
        const after = await page.evaluate(() => window.sampan.call('feed_list'));
        assert.equal(after.find(({ kind }) => kind === 'mastodon').enabled, true);
        await line.getByRole('button', { name: 'More' }).click();
        await page.getByRole('menuitem', { name: 'Do not send' }).click();
        await line.waitFor({ state: 'detached' });
      },
      { hash: '#/outbox' },
    );
  });

  it('calls back what has not left yet; the post stays', async () => {
    await visit(
      DAY,
      async (page) => {
        const line = page
          .getByRole('listitem')
          .filter({ hasText: 'How to order milk tea' })
          .filter({ hasText: 'wait' });
        await line.getByRole('button', { name: 'More' }).click();
        await page.getByRole('menuitem', { name: 'Do not send' }).click();
        await line.waitFor({ state: 'detached' });
        const wanted = await page.evaluate(() => {
          const [post] = [...window.sampan.posts.values()].filter(
            ({ revisions }) => revisions.at(-1).content.sides.en?.title === 'How to order milk tea',
          );
          const blog = [...window.sampan.feeds.values()].find(({ name }) => name === 'My blog');
          return window.sampan.deliveries.get(`${post.id}:${blog.id}`).wanted;
        });
        assert.equal(wanted, 'off');
      },
      { hash: '#/outbox' },
    );
  });

  it('is told that much is gone at a feed at once, looks there, and says that it is meant', async () => {
    await visit(
      DAY,
      async (page) => {
        await page.evaluate(() => {
          const blog = [...window.sampan.feeds.values()].find(({ name }) => name === 'My blog');
          window.sampan.feeds.set(blog.id, { ...blog, held_back: 23 });
          window.sampan.emit({ event: 'feeds_changed' });
        });
        await page.getByRole('button', { name: /My blog .* many posts missing or emptied there/ }).click();
        const note = page.getByRole('status').filter({ hasText: '23 posts disappeared or were emptied there at once' });
        await note.getByRole('button', { name: 'Open in browser' }).click();
        assert.deepEqual(await page.evaluate(() => window.sampan.opened), ['https://my-blog.example']);
        assert.deepEqual(await barriers(page), []);
        await note.getByRole('button', { name: 'Accept it anyway' }).click();
        await note.waitFor({ state: 'detached' });
        await page.getByText('23 posts are gone there; yours are kept.').waitFor();
      },
      { hash: '#/feeds' },
    );
  });

  it('reads what stays where before a feed is signed out of or removed', async () => {
    await visit(
      DAY,
      async (page) => {
        await page.getByRole('navigation', { name: 'Feeds' }).getByText('My blog').click();
        await page.getByRole('button', { name: 'Sign out' }).click();
        await page.getByText('Forgets the password on this computer').waitFor();
        await page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click();
        await page.getByText('My blog wants you to sign in again').waitFor();
        const before = await page.evaluate(() => window.sampan.posts.size);
        await page.getByRole('button', { name: 'Remove feed' }).click();
        await page.getByText(/All \d+ posts and drafts that were sent to my-blog\.example stay there\./).waitFor();
        assert.deepEqual(await barriers(page), []);
        await page.getByRole('button', { name: 'Remove', exact: true }).click();
        await page.getByText('my-blog.example').waitFor({ state: 'detached' });
        assert.equal(await page.evaluate(() => window.sampan.posts.size), before);
      },
      { hash: '#/feeds' },
    );
  });

  it('brings posts from a blog into the journal, and is told what could not come', async () => {
    await visit(
      DAY,
      async (page) => {
        await page.getByRole('navigation', { name: 'Feeds' }).getByText('My blog').click();
        await page.getByRole('button', { name: 'Choose…' }).click();
        await page.getByText('A day of typhoon', { exact: true }).waitFor();
        assert.deepEqual(await barriers(page), []);
        await page.getByRole('checkbox', { name: 'Select all that are listed' }).check();
        await page.getByRole('button', { name: 'Bring 18 posts into the journal' }).click();
        await page.getByText('17 posts are in your journal now.').waitFor();
        await page.getByText('1 post could not be fetched.').waitFor();
        assert.deepEqual(await barriers(page), []);
        await page.getByRole('button', { name: 'Show more' }).click();
        await page.getByText('The Bund at night 8').waitFor();
      },
      { hash: '#/feeds' },
    );
  });

  it('chooses when a post goes public and who reads it, and sees exactly what is sent', async () => {
    await visit(
      DAY,
      async (page) => {
        await edit(page, 'Rain is coming');
        await page.getByRole('switch', { name: 'Send to mastodon.social' }).click();
        await page.getByText('88 of 500').waitFor();
        await page.getByRole('radio', { name: 'Later' }).click();
        await page.getByText('Goes public there at').waitFor();
        await page.getByText('Warning and readers').click();
        await page.getByRole('textbox', { name: 'Content warning' }).fill('天气');
        await page.getByRole('combobox', { name: 'Who can read' }).selectOption('private');
        assert.deepEqual(await barriers(page), []);
        await page.getByRole('button', { name: 'Preview' }).click();
        const preview = page.getByRole('dialog');
        await preview.getByRole('radio', { name: 'mastodon.social' }).click();
        await preview.getByText('#学习打卡').waitFor();
        await preview.getByText('天气').first().waitFor();
        assert.deepEqual(await barriers(page), []);
        await preview.getByRole('button', { name: 'Close' }).click();
        await page.getByRole('button', { name: /Send to mastodon.social/ }).click();
        await page.getByText('scheduled', { exact: true }).waitFor();
        const sent = await page.evaluate(() =>
          [...window.sampan.deliveries.values()].find((one) => one.manner.publish_at !== null),
        );
        assert.deepEqual([sent.wanted, sent.manner.warning, sent.manner.visibility], ['published', '天气', 'private']);
      },
      { hash: '#/outbox' },
    );
  });

  it('reads HTML as text, and its source only when asked for', async () => {
    await visit(
      DAY,
      async (page) => {
        await edit(page, 'Rain is coming');
        await page.getByRole('switch', { name: 'Send to My blog' }).click();
        await page.getByRole('button', { name: 'Preview' }).click();
        const preview = page.getByRole('dialog');
        await preview.getByRole('radio', { name: 'My blog' }).click();
        await preview.getByText('Suddenly the wind rose').first().waitFor();
        assert.equal(await preview.getByText('<section lang="en">').isVisible(), false);
        await preview.getByText('Exactly what is sent').click();
        await preview.getByText('<section lang="en">').waitFor();
        assert.deepEqual(await barriers(page), []);
      },
      { hash: '#/outbox' },
    );
  });

  it('is not told that its own HTML is what is sent over what was made there', async () => {
    await visit(
      DAY,
      async (page) => {
        await page.evaluate(() => {
          const { deliveries } = window.sampan;
          for (const [key, one] of deliveries) deliveries.set(key, { ...one, from_there: true });
        });
        await edit(page, 'Little boats by the lake');
        await page.getByRole('button', { name: 'Preview' }).click();
        const preview = page.getByRole('dialog');
        await preview.getByRole('radio', { name: 'My blog' }).click();
        await preview.getByText('What was made there stays').waitFor();
        assert.equal(await preview.getByText('Exactly what is sent').count(), 0);
        assert.deepEqual(await barriers(page), []);
      },
      { hash: '#/outbox' },
    );
  });

  it('finds the way from the editor to the two versions, and is not offered to send one of them', async () => {
    await visit(
      DAY,
      async (page) => {
        await edit(page, 'A path through the woods');
        await page.getByRole('status').getByText('Needs you', { exact: true }).first().waitFor();
        assert.equal(await page.getByRole('button', { name: /^(Update|Send to)/ }).count(), 0);
        await page.getByRole('button', { name: 'Look at both versions' }).click();
        await page.getByRole('heading', { name: 'Two versions of “森林里的路”' }).waitFor();
      },
      { hash: '#/outbox' },
    );
  });

  it('reads at a feed that is switched off that no changes come in', async () => {
    await visit(
      DAY,
      async (page) => {
        await page.evaluate(() => {
          const blog = [...window.sampan.feeds.values()].find(({ name }) => name === 'My blog');
          location.hash = `#/feeds/${blog.id}`;
        });
        const look = page.getByRole('button', { name: 'Look for changes' });
        await page.getByText('changes come in by themselves').waitFor();
        assert.equal(await look.isEnabled(), true);
        await page.getByRole('switch', { name: 'Use this feed' }).click();
        await page.getByText('Switched off: changes are not read.').waitFor();
        assert.equal(await look.isEnabled(), false);
        assert.deepEqual(await barriers(page), []);
      },
      { hash: '#/outbox' },
    );
  });
});
