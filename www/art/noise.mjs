/** Seeded randomness: the assets must come out the same on every machine, so Math.random has no place here. */

/**
 * A small seeded generator (mulberry32).
 * @param {number} seed a 32-bit integer
 * @returns {() => number} numbers from 0 (included) to 1 (excluded)
 */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const SIDE = 256;
const ease = (t) => t * t * (3 - 2 * t);

/**
 * Smooth value noise over a lattice of random numbers.
 * @param {number} seed a 32-bit integer
 * @returns {(x: number, y?: number) => number} values from 0 to 1, repeating every 256 units
 */
export function noise(seed) {
  const next = random(seed);
  const lattice = Float32Array.from({ length: SIDE * SIDE }, next);
  return (x, y = 0.5) => {
    const left = Math.floor(x);
    const top = Math.floor(y);
    const dx = ease(x - left);
    const dy = ease(y - top);
    const x0 = left & (SIDE - 1);
    const x1 = (left + 1) & (SIDE - 1);
    const y0 = (top & (SIDE - 1)) * SIDE;
    const y1 = ((top + 1) & (SIDE - 1)) * SIDE;
    const upper = lattice[y0 + x0] + (lattice[y0 + x1] - lattice[y0 + x0]) * dx;
    const lower = lattice[y1 + x0] + (lattice[y1 + x1] - lattice[y1 + x0]) * dx;
    return upper + (lower - upper) * dy;
  };
}

/**
 * Several octaves of one noise on top of each other.
 * @param {(x: number, y?: number) => number} source
 * @param {number} octaves
 * @returns {(x: number, y?: number) => number} values from 0 to 1
 */
export function layered(source, octaves) {
  return (x, y = 0.5) => {
    let sum = 0;
    let weight = 0.5;
    let total = 0;
    for (let octave = 0; octave < octaves; octave += 1) {
      sum += source(x, y) * weight;
      total += weight;
      weight /= 2;
      x = x * 2 + 17.3;
      y = y * 2 + 9.1;
    }
    return sum / total;
  };
}
