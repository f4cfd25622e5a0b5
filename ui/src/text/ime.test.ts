import { describe, expect, it } from 'vitest';
import { InputMethod } from './ime';

const key = (timeStamp: number, keyCode: number, isComposing = false) => ({ timeStamp, keyCode, isComposing });

describe('Enter while a Chinese word is composed', () => {
  it('belongs to the input method in Chromium, where it comes before compositionend', () => {
    const ime = new InputMethod();
    ime.start();
    expect(ime.owns(key(10, 229, true))).toBe(true);
    ime.end({ timeStamp: 11 });
    expect(ime.owns(key(400, 13))).toBe(false);
  });

  it('belongs to the input method in WebKit, where it comes after compositionend, once', () => {
    const ime = new InputMethod();
    ime.start();
    ime.end({ timeStamp: 100 });
    expect(ime.owns(key(101, 229))).toBe(true);
    expect(ime.owns(key(180, 229)), 'the second Enter is meant for the page although WebKit tags it 229').toBe(false);
  });

  it('belongs to the page when the composition ended long ago', () => {
    const ime = new InputMethod();
    ime.start();
    ime.end({ timeStamp: 100 });
    expect(ime.owns(key(900, 229))).toBe(false);
  });
});
