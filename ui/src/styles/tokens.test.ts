import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

// Read from the file: what is measured is what is shipped.
const css = readFileSync('src/styles/tokens.css', 'utf8');

function tokens(block: string): Map<string, string> {
  const body = css.slice(css.indexOf(block)).split('}')[0] ?? '';
  return new Map([...body.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map(([, name = '', value = '']) => [name, value]));
}

function luminance(hex: string): number {
  const channels = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255);
  const [r = 0, g = 0, b = 0] = channels.map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

describe.each([
  ['light', ':root {'],
  ['dark', ":root[data-theme='dark'] {"],
])('the %s theme', (_, block) => {
  const theme = tokens(block);
  const colour = (name: string) => theme.get(name) ?? '#000000';

  it.each(['ink', 'ink-2', 'ink-3', 'seal', 'zh', 'en', 'ok', 'wait', 'bad'])(
    'shows %s readably on every ground',
    (name) => {
      for (const ground of ['paper', 'raised', 'sunken']) {
        expect(contrast(colour(name), colour(ground)), `${name} on ${ground}`).toBeGreaterThanOrEqual(4.5);
      }
    },
  );

  it.each([
    ['on-seal', 'seal-fill'],
    ['zh', 'zh-soft'],
    ['en', 'en-soft'],
    ['ok', 'ok-soft'],
    ['wait', 'wait-soft'],
    ['bad', 'bad-soft'],
    ['ink-2', 'calm-soft'],
    ['ink', 'seal-soft'],
  ])('shows %s readably on %s', (ink, ground) => {
    expect(contrast(colour(ink), colour(ground))).toBeGreaterThanOrEqual(4.5);
  });
});
