// Whose key it is: the page's or the input method's. Enter that confirms a Chinese word must never send, add or leave.

/** How long after a composition WKWebView may still deliver the Enter that ended it (as keyCode 229, not composing). */
const CONFIRMING_MS = 500;

/**
 * Watches one single-line field. WKWebView sends the confirming Enter after `compositionend`, and keeps tagging later,
 * real Enters 229 too: so one such key belongs to the input method, once, and only shortly after.
 */
export class InputMethod {
  #endedAt = -Infinity;
  composing = false;

  start = (): void => {
    this.composing = true;
  };

  end = (event: { timeStamp: number }): void => {
    this.composing = false;
    this.#endedAt = event.timeStamp;
  };

  /** Whether this keydown belongs to the input method. */
  owns(event: Pick<KeyboardEvent, 'isComposing' | 'keyCode' | 'timeStamp'>): boolean {
    if (event.isComposing || this.composing) return true;
    const confirms = event.keyCode === 229 && event.timeStamp - this.#endedAt < CONFIRMING_MS;
    if (confirms) this.#endedAt = -Infinity;
    return confirms;
  }
}
