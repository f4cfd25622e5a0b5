import type { AssetId } from '../../host/host';
import { placeAt, type Spot } from './order';

/** A press becomes a drag after this many pixels. */
const THRESHOLD = 6;
/** So near to its edge the strip moves along, and so far with each event. */
const EDGE = 30;
const STEP = 14;

interface Held {
  asset: AssetId;
  startX: number;
  startY: number;
  x: number;
  y: number;
  /** The place among the others where it would be put; null until it is a drag. */
  to: number | null;
}

/** One tile of the strip in somebody's hand. By pointer events: the system's own drag is kept for files from outside. */
export class Dragging {
  held = $state.raw<Held | null>(null);
  readonly #list: () => HTMLElement | undefined;

  constructor(list: () => HTMLElement | undefined) {
    this.#list = list;
  }

  get isOn(): boolean {
    return this.held !== null && this.held.to !== null;
  }

  isHolding(asset: AssetId): boolean {
    return this.isOn && this.held?.asset === asset;
  }

  press(event: PointerEvent, asset: AssetId): void {
    this.held = { asset, startX: event.clientX, startY: event.clientY, x: 0, y: 0, to: null };
  }

  move(event: PointerEvent & { currentTarget: HTMLElement }): void {
    if (!this.held) return;
    const x = event.clientX - this.held.startX;
    const y = event.clientY - this.held.startY;
    if (this.held.to === null && Math.hypot(x, y) < THRESHOLD) return;
    if (this.held.to === null) event.currentTarget.setPointerCapture(event.pointerId);
    this.held = { ...this.held, x, y, to: placeAt(this.#spots(), event.clientX, event.clientY) };
    const list = this.#list();
    if (!list) return;
    const { left, right } = list.getBoundingClientRect();
    if (event.clientX > right - EDGE) list.scrollLeft += STEP;
    if (event.clientX < left + EDGE) list.scrollLeft -= STEP;
  }

  /** Lets go, and answers what was put where if it was a drag. */
  release(): { asset: AssetId; to: number } | null {
    const { held } = this;
    this.held = null;
    return held && held.to !== null ? { asset: held.asset, to: held.to } : null;
  }

  /** The tiles without the held one, as they lie on the screen. */
  #spots(): Spot[] {
    const tiles = [...(this.#list()?.querySelectorAll<HTMLElement>('li[data-asset]') ?? [])];
    return tiles
      .filter((tile) => tile.dataset['asset'] !== this.held?.asset)
      .map((tile) => tile.getBoundingClientRect())
      .map(({ left, width, top, bottom }) => ({ middle: left + width / 2, top, bottom }));
  }
}
