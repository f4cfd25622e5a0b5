import { afterEach, describe, expect, it } from 'vitest';
import { locale } from '../app/locale.svelte';
import { HostError } from '../host/host';
import { CODES, sayError } from './errors';

afterEach(() => locale.choose('en'));

describe.each(['en', 'zh-CN'])('an error in %s', (language) => {
  it.each(CODES)('%s is a whole sentence, with a subject or without', (code) => {
    locale.choose(language);
    for (const facts of [{ code }, { code, subject: '照片.jpg', limit: 200, actual: 201 }]) {
      const words = sayError(new HostError(facts));
      expect(words.length).toBeGreaterThan(8);
      expect(words).not.toMatch(/[{}]|undefined|null/);
      expect(words).toMatch(/[.。]$/);
      if (!('subject' in facts)) expect(words).not.toMatch(/^[a-z]/);
    }
  });
});

describe('what was thrown', () => {
  it('without a code is a mistake of ours, and its English is not shown', () => {
    expect(sayError(new TypeError('x is not a function'))).not.toContain('function');
  });

  it('names the field by its name in the language of the interface', () => {
    locale.choose('zh-CN');
    const words = sayError({ code: 'too_long', subject: 'title', limit: 2000, actual: 2100 });
    expect(words).toContain('标题太长：2,100，最多 2,000');
  });
});
