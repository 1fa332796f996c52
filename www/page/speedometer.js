const SPAN = 4000;

/** The speed over the last few seconds, out of readings that come at any pace. */
export class Speedometer {
  #readings = [];

  /** @param {number} bytes downloaded so far; fewer than before means that a file started again */
  read(bytes) {
    const last = this.#readings.at(-1);
    if (last && bytes < last.bytes) this.#readings = [];
    this.#readings.push({ at: performance.now(), bytes });
    while (this.#readings.length > 2 && this.#readings[0].at < performance.now() - SPAN)
      this.#readings.shift();
  }

  /** @returns {number} bytes per second; 0 while there is too little to go by */
  get bytesPerSecond() {
    const first = this.#readings[0];
    const last = this.#readings.at(-1);
    if (!first || performance.now() - first.at < 250) return 0;
    return ((last.bytes - first.bytes) / (performance.now() - first.at)) * 1000;
  }
}
