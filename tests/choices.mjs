import { createHash } from 'node:crypto';

/**
 * Choices that are a function of a name: the same seed gives the same. `of(part)` gives those of a part, which do not
 * depend on how many were taken elsewhere, so that timing cannot change them.
 */
export class Choices {
  #name;
  #count = 0;

  constructor(name) {
    this.#name = String(name);
  }

  of(part) {
    return new Choices(`${this.#name} ${part}`);
  }

  /** A number from 0 on, less than 1. */
  fraction() {
    const hash = createHash('sha256').update(`${this.#name}: ${(this.#count += 1)}`);
    return hash.digest().readUIntBE(0, 6) / 2 ** 48;
  }

  chance(probability) {
    return this.fraction() < probability;
  }

  /** A whole number; both ends are among them. */
  between(least, most) {
    return least + Math.floor(this.fraction() * (most - least + 1));
  }

  /** One of the names of `{name: weight}`. */
  weighted(weights) {
    const entries = Object.entries(weights);
    let rest = this.fraction() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    const found = entries.find(([, weight]) => (rest -= weight) < 0);
    return (found ?? entries.at(-1))[0];
  }
}
