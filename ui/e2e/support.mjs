// Serves the built interface with the app's own content security policy, and opens it in a real browser.
import { after, before } from 'node:test';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import { chromium } from 'playwright-core';
import { preview } from 'vite';

// Nothing of the browser's own may look for a network.
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

let browser;
let site;

/** Called once in a file of journeys: everything is up before the first and gone after the last. */
export function world() {
  before(async () => {
    site = await preview({
      root: fileURLToPath(new URL('..', import.meta.url)),
      build: { outDir: 'test-results/site' },
      preview: { port: 0, host: '127.0.0.1', headers: { 'Content-Security-Policy': await policy() } },
      logLevel: 'error',
    });
    browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: QUIET });
  });
  after(async () => {
    await browser?.close();
    await new Promise((done) => site.httpServer.close(done));
  });
}

/** The app's policy; the pictures of the journal in memory are drawn in the page and come as `data:`. */
async function policy() {
  const config = JSON.parse(await readFile(new URL('../../tauri.conf.json', import.meta.url), 'utf8'));
  const rules = Object.entries(config.app.security.csp);
  return rules.map(([name, value]) => `${name} ${value}${name === 'img-src' ? ' data:' : ''}`).join('; ');
}

/**
 * Opens a journal (`posts=5000&locale=en`, see src/host/memory/fill.ts), runs a journey in it, and fails on anything
 * that the page complained about.
 */
export async function visit(query, journey, { hash = '', width = 1280, height = 832 } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(error.stack ?? error.message));
  page.on('console', (message) => {
    const ours = message.type() === 'error' && !message.location().url.endsWith('/favicon.ico');
    if (ours) complaints.push(message.text());
  });
  try {
    const { port } = site.httpServer.address();
    await page.goto(`http://127.0.0.1:${port}/?${query}${hash}`);
    // The page begins after it is loaded: the journal in memory comes in a file of its own.
    await page.waitForFunction(() => window.sampan !== undefined);
    await journey(page);
    if (complaints.length > 0) throw new Error(`the page complained:\n${complaints.join('\n')}`);
  } finally {
    await context.close();
  }
}

/** What a screen reader or a keyboard would stumble over, by the rules of WCAG 2.2 AA. */
export async function barriers(page) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }),
  );
  return violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes.map(({ html, failureSummary }) => `${html}\n   ${failureSummary}`).join('\n  ')}`,
  );
}
