import { describe, expect, it, vi } from 'vitest';
import { toasts } from './toasts.svelte';

describe('toasts', () => {
  it('go away by themselves, but not while someone looks at them', () => {
    vi.useFakeTimers();
    toasts.say(() => 'saved');
    toasts.say(() => 'deleted');
    const [first, second] = toasts.shown;
    toasts.hold(second?.id ?? 0);
    vi.advanceTimersByTime(60_000);
    expect(toasts.shown.map(({ id }) => id)).toEqual([second?.id]);
    toasts.release(second?.id ?? 0);
    vi.advanceTimersByTime(60_000);
    expect(toasts.shown).toEqual([]);
    expect(first).toBeDefined();
    vi.useRealTimers();
  });

  it('offer the way back once', () => {
    const undo = vi.fn();
    toasts.say(() => 'deleted', { text: () => 'Undo', run: undo });
    const id = toasts.shown[0]?.id ?? 0;
    toasts.act(id);
    toasts.act(id);
    expect(undo).toHaveBeenCalledOnce();
    expect(toasts.shown).toEqual([]);
  });

  it('are three at most', () => {
    for (const word of ['a', 'b', 'c', 'd']) toasts.warn(() => word);
    expect(toasts.shown.map(({ text }) => text())).toEqual(['b', 'c', 'd']);
    for (const { id } of toasts.shown) toasts.close(id);
  });
});
