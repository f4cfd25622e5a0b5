import { describe, expect, it } from 'vitest';
import english from '../../messages/en.json';
import chinese from '../../messages/zh-CN.json';
import * as compiled from '../paraglide/messages';

type Message = string | { match: { [condition: string]: string } }[];

const en = without$schema(english);
const zh = without$schema(chinese);

function without$schema(file: object): Map<string, Message> {
  return new Map(Object.entries(file).filter(([key]) => key !== '$schema') as [string, Message][]);
}

function wordings(message: Message): string[] {
  return typeof message === 'string' ? [message] : message.flatMap((variant) => Object.values(variant.match));
}

function placeholders(message: Message): string[] {
  return [
    ...new Set(wordings(message).flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map((hit) => hit[1] ?? ''))),
  ].sort();
}

describe('the words of the interface', () => {
  it('are all compiled (offline the compiler can succeed with none)', () => {
    expect(Object.keys(compiled).filter((key) => key !== 'm').length).toBe(en.size);
    expect(en.size).toBeGreaterThan(30);
  });

  it('have the same keys in both languages', () => {
    expect([...zh.keys()].sort()).toEqual([...en.keys()].sort());
  });

  it('are all said somewhere', () => {
    const sources = import.meta.glob<string>(['../**/*.{svelte,ts}', '!../paraglide/**', '!../**/*.test.ts'], {
      query: '?raw',
      import: 'default',
      eager: true,
    });
    const said = new Set(
      Object.values(sources).flatMap((text) => [...text.matchAll(/\bm\.(\w+)/g)].map(([, key]) => key)),
    );
    expect([...en.keys()].filter((key) => !said.has(key))).toEqual([]);
  });

  it.each([...en.keys()])('%s says something in both languages and names the same things', (key) => {
    const [english, chinese] = [en.get(key) ?? '', zh.get(key) ?? ''];
    for (const text of [...wordings(english), ...wordings(chinese)]) expect(text.trim()).not.toBe('');
    expect(placeholders(chinese)).toEqual(placeholders(english));
  });
});
