import { describe, expect, it, vi } from 'vitest';
import { meant, shortcuts } from './keys';

function pressed(key: string, facts: KeyboardEventInit = {}, target: HTMLElement = document.body) {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, ...facts });
  Object.defineProperty(event, 'target', { value: target });
  return meant(event, shortcuts(vi.fn()))?.keys[0];
}

describe('a key', () => {
  it('with Ctrl means a section or a new post', () => {
    expect(pressed('n', { ctrlKey: true })).toBe('Mod+N');
    expect(pressed('3', { ctrlKey: true })).toBe('Mod+3');
  });

  it('without Ctrl means something only where nobody writes', () => {
    expect(pressed('/')).toBe('Mod+F');
    expect(pressed('?', { shiftKey: true })).toBe('?');
    expect(pressed('/', {}, document.createElement('input'))).toBeUndefined();
    expect(pressed('?', {}, document.createElement('textarea'))).toBeUndefined();
  });

  it('of the input method means nothing here', () => {
    expect(pressed('/', { isComposing: true })).toBeUndefined();
    expect(pressed('n', { ctrlKey: true, isComposing: true })).toBeUndefined();
  });

  it('that a screen owns is left to the screen', () => {
    expect(pressed('Enter', { ctrlKey: true })).toBeUndefined();
  });
});
