import { random } from './noise.mjs';
import { encodePng } from './png.mjs';

export const clamp = (value, low = 0, high = 1) => (value < low ? low : value > high ? high : value);
export const mix = (a, b, t) => a + (b - a) * t;
export const smooth = (from, to, value) => {
  const t = clamp((value - from) / (to - from));
  return t * t * (3 - 2 * t);
};

/** '#rrggbb' as three numbers from 0 to 1. */
export const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255);

/**
 * A colour ramp.
 * @param {Array<[number, string]>} stops position and '#rrggbb', in rising order
 * @returns {(at: number, out: Float64Array | number[]) => void} writes the colour at a position
 */
export function ramp(stops) {
  const points = stops.map(([at, hex]) => ({ at, colour: rgb(hex) }));
  return (at, out) => {
    let next = points.findIndex((point) => point.at >= at);
    if (next === -1) next = points.length - 1;
    const before = points[Math.max(0, next - 1)];
    const after = points[next];
    const t = after === before ? 0 : smooth(before.at, after.at, at);
    for (let c = 0; c < 3; c += 1) out[c] = mix(before.colour[c], after.colour[c], t);
  };
}

/** A picture in floating point, so that layers of haze don't add up to bands. */
export class Canvas {
  constructor(width, height) {
    this.width = width;
    this.height = height;
    this.pixels = new Float32Array(width * height * 3);
  }

  /** Sets every pixel; `shader(x, y, out)` writes red, green and blue from 0 to 1. */
  paint(shader) {
    this.below(null, shader);
  }

  /**
   * Covers what lies below an outline.
   * @param {Float64Array | null} edge the height of the outline in each column, in pixels from the top
   * @param {(x: number, y: number, out: Float64Array) => void} shader
   */
  below(edge, shader) {
    const out = new Float64Array(3);
    for (let y = 0; y < this.height; y += 1) {
      for (let x = 0; x < this.width; x += 1) {
        const cover = edge ? clamp(y - edge[x] + 0.5) : 1;
        if (cover === 0) continue;
        shader(x, y, out);
        this.#blend(x, y, out, cover);
      }
    }
  }

  /** Adds light around a point, falling off with the distance. */
  glow(centreX, centreY, radius, colour, strength, power = 2) {
    for (let y = 0; y < this.height; y += 1) {
      for (let x = 0; x < this.width; x += 1) {
        const distance = Math.hypot(x - centreX, y - centreY) / radius;
        if (distance >= 1) continue;
        const light = strength * (1 - distance) ** power;
        const at = (y * this.width + x) * 3;
        for (let c = 0; c < 3; c += 1) this.pixels[at + c] += (1 - this.pixels[at + c]) * colour[c] * light;
      }
    }
  }

  disc(centreX, centreY, radius, colour, alpha = 1) {
    this.#box(centreX - radius, centreY - radius, centreX + radius, centreY + radius, (x, y) => {
      const cover = clamp(radius - Math.hypot(x - centreX, y - centreY) + 0.5);
      if (cover > 0) this.#blend(x, y, colour, cover * alpha);
    });
  }

  /** @param {Array<[number, number]>} points corners in pixels */
  polygon(points, colour, alpha = 1) {
    const xs = points.map(([x]) => x);
    const ys = points.map(([, y]) => y);
    this.#box(Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys), (x, y) => {
      let inside = 0;
      for (let sample = 0; sample < 16; sample += 1) {
        if (contains(points, x + ((sample & 3) + 0.5) / 4, y + ((sample >> 2) + 0.5) / 4)) inside += 1;
      }
      if (inside > 0) this.#blend(x, y, colour, (alpha * inside) / 16);
    });
  }

  /**
   * Turns what lies below a line into water that mirrors what lies above.
   * @param {number} line in pixels from the top
   * @param {(x: number, depth: number) => number} ripple how far a pixel's mirror image is moved, in pixels
   * @param {(x: number, depth: number, out: Float64Array) => void} tint changes the mirrored colour in place
   */
  mirror(line, ripple, tint) {
    const out = new Float64Array(3);
    for (let y = line; y < this.height; y += 1) {
      const depth = y - line;
      for (let x = 0; x < this.width; x += 1) {
        const shift = ripple(x, depth);
        const fromY = Math.round(clamp(line - 1 - depth * 1.15 + shift, 0, line - 1));
        const fromX = Math.round(clamp(x + shift * 0.6, 0, this.width - 1));
        const from = (fromY * this.width + fromX) * 3;
        for (let c = 0; c < 3; c += 1) out[c] = this.pixels[from + c];
        tint(x, depth, out);
        this.#blend(x, y, out, 1);
      }
    }
  }

  /**
   * @param {number} [corner] radius of rounded, transparent corners in pixels
   * @returns {Buffer} a PNG file
   */
  toPng(corner = 0) {
    const channels = corner > 0 ? 4 : 3;
    const bytes = new Uint8Array(this.width * this.height * channels);
    const dither = random(7);
    for (let i = 0; i < this.width * this.height; i += 1) {
      const grain = (dither() - 0.5) * 1.6;
      for (let c = 0; c < 3; c += 1) {
        bytes[i * channels + c] = clamp(Math.round(this.pixels[i * 3 + c] * 255 + grain), 0, 255);
      }
      if (corner > 0) bytes[i * 4 + 3] = Math.round(255 * this.#cornerCover(i, corner));
    }
    return encodePng(this.width, this.height, bytes);
  }

  #cornerCover(index, radius) {
    const x = (index % this.width) + 0.5;
    const y = Math.floor(index / this.width) + 0.5;
    const outX = Math.max(radius - x, x - (this.width - radius), 0);
    const outY = Math.max(radius - y, y - (this.height - radius), 0);
    return clamp(radius - Math.hypot(outX, outY) + 0.5);
  }

  #blend(x, y, colour, alpha) {
    const at = (y * this.width + x) * 3;
    for (let c = 0; c < 3; c += 1) this.pixels[at + c] += (colour[c] - this.pixels[at + c]) * alpha;
  }

  #box(left, top, right, bottom, visit) {
    const endX = Math.min(this.width - 1, Math.ceil(right));
    const endY = Math.min(this.height - 1, Math.ceil(bottom));
    for (let y = Math.max(0, Math.floor(top)); y <= endY; y += 1) {
      for (let x = Math.max(0, Math.floor(left)); x <= endX; x += 1) visit(x, y);
    }
  }
}

function contains(points, x, y) {
  let inside = false;
  for (let i = 0, j = points.length - 1; i < points.length; j = i, i += 1) {
    const [x1, y1] = points[i];
    const [x2, y2] = points[j];
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
  }
  return inside;
}
