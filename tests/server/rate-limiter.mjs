import { setTimeout as delay } from 'node:timers/promises';

const CATCH_UP_MS = 50;

/** Hands out bytes at a steady rate; several connections that share one limiter share its rate fairly. */
export class RateLimiter {
  #next = 0;

  /** @param {number | undefined | (() => number | undefined)} rate bytes per second; undefined: no limit */
  constructor(rate) {
    this.rate = rate;
  }

  get bytesPerSecond() {
    return (typeof this.rate === 'function' ? this.rate() : this.rate) ?? Infinity;
  }

  /** The piece to write at once so that about a hundred pieces make a second, within `most`. */
  pieceLength(most) {
    return Math.max(1, Math.min(most, Math.floor(this.bytesPerSecond / 100)));
  }

  /** Resolves when `bytes` may be sent; rejects when `signal` aborts. */
  async take(bytes, signal) {
    const rate = this.bytesPerSecond;
    if (rate === Infinity) return;
    // A timer that fires late is made up for, but a connection that was idle or blocked gets no burst.
    const now = performance.now();
    this.#next = Math.max(this.#next, now - CATCH_UP_MS) + (bytes * 1000) / rate;
    if (this.#next - now >= 1) await delay(this.#next - now, undefined, { signal });
  }
}
