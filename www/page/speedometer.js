const SPAN = 4000;
/** Longer than what comes over a slow line takes to be told of. */
const SILENCE = 1500;

/** The speed over the last few seconds, out of readings that come at any pace. */
export class Speedometer {
  #readings = [];

  /** @param {number} bytes downloaded so far; fewer than before means that a file started again */
  read(bytes) {
    const last = this.#readings.at(-1);
    if (bytes === last?.bytes) return;
    if (bytes < last?.bytes || this.#isSilent) this.stop();
    this.#readings.push({ at: performance.now(), bytes });
    while (this.#readings.length > 2 && this.#readings[0].at < performance.now() - SPAN)
      this.#readings.shift();
  }

  /** Forgets what was: the line is known to be cut. */
  stop() {
    this.#readings = [];
  }

  get #isSilent() {
    return this.#readings.length > 0 && performance.now() - this.#readings.at(-1).at > SILENCE;
  }

  /** @returns {number} bytes per second; 0 while nothing comes, or there is too little to go by */
  get bytesPerSecond() {
    const first = this.#readings[0];
    const last = this.#readings.at(-1);
    if (!first || this.#isSilent || performance.now() - first.at < 250) return 0;
    return ((last.bytes - first.bytes) / (performance.now() - first.at)) * 1000;
  }
}
