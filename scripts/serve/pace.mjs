import { setTimeout as sleep } from 'node:timers/promises';

const TICK = 50;
const SMALLEST_PIECE = 1024;
const LARGEST_PIECE = 256 * 1024;
// On a busy machine timers come late; what was lost that way is made up for, but not a long idle time.
const CATCH_UP = 120;

/** A line with a speed: all who send over it share it. The speed may change while they send. */
export class Pace {
  #free = 0;

  /** @param {number} bytesPerSecond 0 for no limit */
  constructor(bytesPerSecond = 0) {
    this.bytesPerSecond = bytesPerSecond;
  }

  /** How many bytes to send at once, so that the progress looks smooth. */
  get piece() {
    if (this.bytesPerSecond === 0) return LARGEST_PIECE;
    const perTick = Math.round((this.bytesPerSecond * TICK) / 1000);
    return Math.min(LARGEST_PIECE, Math.max(SMALLEST_PIECE, perTick));
  }

  /**
   * Waits for the line to have carried what was sent before, then books this piece.
   * @param {number} bytes
   * @param {AbortSignal} signal ends the wait with an AbortError
   */
  async take(bytes, signal) {
    signal.throwIfAborted();
    if (this.bytesPerSecond === 0) {
      this.#free = 0;
      return;
    }
    const now = performance.now();
    const start = Math.max(now - CATCH_UP, this.#free);
    this.#free = start + (bytes / this.bytesPerSecond) * 1000;
    // Short of a timer's precision there is nothing to wait for; the booking evens it out with the next piece.
    if (start - now > 2) await sleep(start - now, undefined, { signal });
  }
}
