import { random } from './noise.mjs';

export const RATE = 44100;
const TABLE = 4096;

/** One cycle of a wave made of partials; `strengths[0]` is the fundamental. */
function cycle(strengths) {
  const table = new Float32Array(TABLE);
  for (let i = 0; i < TABLE; i += 1) {
    strengths.forEach((strength, n) => {
      table[i] += strength * Math.sin((2 * Math.PI * (n + 1) * i) / TABLE);
    });
  }
  return table;
}

const SINE = cycle([1]);
const STRINGS = cycle([1, 0.42, 0.3, 0.16, 0.12, 0.07, 0.05]);
const ROUND = cycle([1, 0.3, 0.12, 0.03]);
const FLUTE = cycle([1, 0.22, 0.09, 0.02]);

const frequency = (midi) => 440 * 2 ** ((midi - 69) / 12);

/** A stereo recording being made. Times and lengths are in seconds, notes are MIDI numbers. */
export class Recording {
  #send;
  #next = random(11);

  /** @param {number} seconds */
  constructor(seconds) {
    const length = Math.round(seconds * RATE);
    this.left = new Float32Array(length);
    this.right = new Float32Array(length);
    this.#send = new Float32Array(length);
  }

  /** A plucked string: bright at first, then round. */
  pluck(at, midi, loudness, pan = 0) {
    const step = (frequency(midi) * TABLE) / RATE;
    const decay = Math.exp(-(2.2 + midi / 60) / RATE);
    const dull = Math.exp(-9 / RATE);
    let phase = 0;
    let level = loudness;
    let bright = TABLE * 0.22;
    this.#play(at, 1.9, pan, 0.35, (i) => {
      phase += step;
      level *= decay;
      bright *= dull;
      const modulated = phase + bright * SINE[(phase * 2) & (TABLE - 1)];
      return level * Math.min(1, i / 90) * SINE[modulated & (TABLE - 1)];
    });
  }

  /** Strings that swell and fade; the two channels are slightly apart in pitch. */
  pad(at, length, midi, loudness) {
    for (const [pan, detune] of [
      [-0.7, 0.9985],
      [0.7, 1.0016],
    ]) {
      const step = (frequency(midi) * detune * TABLE) / RATE;
      const attack = 0.9 * RATE;
      const release = 1.2 * RATE;
      const end = (length + 1.2) * RATE;
      let phase = pan * 900 + TABLE;
      let soft = 0;
      this.#play(at, length + 1.2, pan, 0.5, (i) => {
        phase += step;
        const level = Math.min(1, i / attack, (end - i) / release);
        soft += 0.16 * (STRINGS[phase & (TABLE - 1)] - soft);
        return loudness * level * soft;
      });
    }
  }

  bass(at, length, midi, loudness) {
    const step = (frequency(midi) * TABLE) / RATE;
    const end = length * RATE;
    let phase = 0;
    this.#play(at, length, 0, 0.03, (i) => {
      phase += step;
      const level = Math.min(1, i / 500, (end - i) / 2500) * (0.65 + 0.35 * Math.exp(-i / 9000));
      return loudness * level * ROUND[phase & (TABLE - 1)];
    });
  }

  /** The voice of the melody, with a vibrato that sets in late. */
  flute(at, length, midi, loudness, pan = 0.12) {
    const step = (frequency(midi) * TABLE) / RATE;
    const end = (length + 0.12) * RATE;
    let phase = 0;
    let wobble = 0;
    this.#play(at, length + 0.12, pan, 0.6, (i) => {
      wobble += (5.2 * TABLE) / RATE;
      const depth = 0.006 * Math.min(1, Math.max(0, (i - 9000) / 12000));
      phase += step * (1 + depth * SINE[wobble & (TABLE - 1)]);
      const level = Math.min(1, i / 2200, (end - i) / 5200);
      return loudness * level * FLUTE[phase & (TABLE - 1)];
    });
  }

  kick(at, loudness) {
    let phase = 0;
    this.#play(at, 0.4, 0, 0.04, (i) => {
      phase += ((46 + 95 * Math.exp(-i / 900)) * TABLE) / RATE;
      return loudness * Math.exp(-i / 4200) * SINE[phase & (TABLE - 1)];
    });
  }

  /** A shaker, or with a longer `ring` a soft brush on a snare. */
  shaker(at, loudness, pan, ring = 1100) {
    let last = 0;
    this.#play(at, 0.28, pan, 0.12, (i) => {
      const raw = this.#next() * 2 - 1;
      const high = raw - last;
      last = raw;
      return loudness * Math.min(1, i / 160) * Math.exp(-i / ring) * high;
    });
  }

  /** Adds the room, evens out the level and fades the end. */
  master(fadeSeconds) {
    this.#reverberate(this.left, [1557, 1617, 1491, 1422, 1277], [225, 556]);
    this.#reverberate(this.right, [1580, 1640, 1514, 1445, 1300], [248, 579]);
    let peak = 0;
    for (const channel of [this.left, this.right]) {
      for (let i = 0; i < channel.length; i += 1) peak = Math.max(peak, Math.abs(channel[i]));
    }
    const fade = fadeSeconds * RATE;
    for (const channel of [this.left, this.right]) {
      for (let i = 0; i < channel.length; i += 1) {
        // A gentle knee lets the quiet parts be louder than the highest peak alone would allow.
        const driven = (channel[i] / peak) * 1.5;
        const bent = driven / (1 + 0.28 * driven * driven);
        channel[i] = 0.97 * bent * Math.min(1, (channel.length - 1 - i) / fade);
      }
    }
  }

  /** @returns {number[]} the loudness of `count` equal stretches, from 0 to 1 */
  peaks(count) {
    const stretch = Math.floor(this.left.length / count);
    const loudness = Array.from({ length: count }, (_, n) => {
      let sum = 0;
      for (let i = n * stretch; i < (n + 1) * stretch; i += 16) sum += this.left[i] ** 2 + this.right[i] ** 2;
      return Math.sqrt(sum / ((stretch / 16) * 2));
    });
    const top = Math.max(...loudness);
    return loudness.map((value) => Math.round((value / top) * 100) / 100);
  }

  #play(at, length, pan, wet, sample) {
    const start = Math.round(at * RATE);
    const count = Math.min(Math.round(length * RATE), this.left.length - start);
    const toLeft = Math.cos(((pan + 1) * Math.PI) / 4);
    const toRight = Math.sin(((pan + 1) * Math.PI) / 4);
    for (let i = 0; i < count; i += 1) {
      const value = sample(i);
      this.left[start + i] += value * toLeft;
      this.right[start + i] += value * toRight;
      this.#send[start + i] += value * wet;
    }
  }

  #reverberate(channel, combs, allpasses) {
    const wet = new Float32Array(channel.length);
    for (const delay of combs) {
      const line = new Float32Array(delay);
      let soft = 0;
      for (let i = 0, at = 0; i < wet.length; i += 1) {
        const out = line[at];
        soft = out * 0.7 + soft * 0.3;
        line[at] = this.#send[i] + soft * 0.84;
        wet[i] += out * 0.1;
        at = at + 1 === delay ? 0 : at + 1;
      }
    }
    for (const delay of allpasses) {
      const line = new Float32Array(delay);
      for (let i = 0, at = 0; i < wet.length; i += 1) {
        const out = line[at];
        line[at] = wet[i] + out * 0.5;
        wet[i] = out - wet[i];
        at = at + 1 === delay ? 0 : at + 1;
      }
    }
    for (let i = 0; i < channel.length; i += 1) channel[i] += wet[i];
  }
}
