import { Recording } from './synth.mjs';

/*
 * Two pieces for the demo. A bar has four beats. Chords are a bass note and the voices above it, as MIDI numbers;
 * a melody is a list of [beat, length in beats, note] over four bars.
 */

const LIGHT_CHORDS = [
  { root: 38, voices: [57, 62, 66, 69] },
  { root: 37, voices: [57, 61, 64, 69] },
  { root: 35, voices: [57, 59, 62, 66] },
  { root: 43, voices: [55, 59, 62, 66] },
];
const LIGHT_MELODY = [
  [0, 1.5, 78],
  [1.5, 0.5, 76],
  [2, 2, 74],
  [4, 1, 73],
  [5, 1, 76],
  [6, 2, 81],
  [8, 1.5, 78],
  [9.5, 0.5, 76],
  [10, 1, 74],
  [11, 1, 73],
  [12, 3, 71],
  [15, 0.5, 73],
  [15.5, 0.5, 74],
];
const LIGHT_ANSWER = [
  [0, 2, 81],
  [2, 1, 78],
  [3, 1, 76],
  [4, 1.5, 76],
  [5.5, 0.5, 78],
  [6, 2, 73],
  [8, 2, 74],
  [10, 1, 76],
  [11, 1, 78],
  [12, 1, 79],
  [13, 1, 78],
  [14, 2, 74],
];

/** A minute at a quiet pace, for the first light over the lake. */
export function firstLight() {
  const beat = 60 / 80;
  const bars = 18;
  const recording = new Recording(bars * 4 * beat + 3.5);
  for (let bar = 0; bar < bars; bar += 1) {
    const at = bar * 4 * beat;
    const chord = bar === bars - 1 ? LIGHT_CHORDS[0] : LIGHT_CHORDS[bar % 4];
    const last = bar >= bars - 2;
    for (const voice of chord.voices) recording.pad(at, 4 * beat, voice, bar < 2 ? 0.05 : 0.075);
    arpeggio(recording, at, beat / 2, chord, [0, 2, 1, 3, 2, 3, 1, 2], last ? 0.13 : 0.18);
    if (bar >= 4) recording.bass(at, (last ? 4 : 2.4) * beat, chord.root, 0.3);
    if (bar >= 4 && !last) recording.bass(at + 2.5 * beat, 1.4 * beat, chord.root + 7, 0.2);
    if (bar >= 8 && !last) softBeat(recording, at, beat);
  }
  for (const [index, tune] of [LIGHT_MELODY, LIGHT_ANSWER, LIGHT_MELODY].entries()) {
    melody(recording, (index + 1) * 16 * beat, beat, tune, 0.2);
  }
  recording.flute(16 * 4 * beat, 6 * beat, 74, 0.17);
  recording.master(3);
  return recording;
}

const ROAD_VERSE = [
  { root: 40, voices: [55, 59, 62, 64] },
  { root: 36, voices: [55, 60, 64, 67] },
  { root: 43, voices: [55, 59, 62, 67] },
  { root: 38, voices: [54, 57, 62, 66] },
];
const ROAD_CHORUS = [
  { root: 45, voices: [57, 60, 64, 67] },
  { root: 40, voices: [55, 59, 64, 66] },
  { root: 36, voices: [55, 60, 64, 71] },
  { root: 38, voices: [57, 62, 66, 69] },
];
const ROAD_BRIDGE = [
  { root: 36, voices: [52, 55, 60, 64] },
  { root: 38, voices: [54, 57, 62, 66] },
  { root: 35, voices: [54, 57, 59, 62] },
  { root: 40, voices: [52, 55, 59, 64] },
];
const ROAD_TUNE = [
  [0, 1, 76],
  [1, 0.5, 74],
  [1.5, 1.5, 71],
  [3, 1, 74],
  [4, 1, 76],
  [5, 0.5, 79],
  [5.5, 2.5, 76],
  [8, 1, 79],
  [9, 0.5, 78],
  [9.5, 1.5, 74],
  [11, 1, 71],
  [12, 2.5, 69],
  [14.5, 0.5, 71],
  [15, 1, 74],
];
const ROAD_TUNE_HIGH = [
  [0, 1, 83],
  [1, 0.5, 81],
  [1.5, 1.5, 79],
  [3, 1, 76],
  [4, 1.5, 79],
  [5.5, 0.5, 81],
  [6, 2, 83],
  [8, 1, 86],
  [9, 1, 83],
  [10, 1, 81],
  [11, 1, 79],
  [12, 3, 78],
  [15, 1, 74],
];
const ROAD_LIFT = [
  [0, 2, 84],
  [2, 1, 81],
  [3, 1, 79],
  [4, 3, 78],
  [7, 1, 79],
  [8, 2, 79],
  [10, 1, 76],
  [11, 1, 74],
  [12, 1.5, 78],
  [13.5, 0.5, 79],
  [14, 2, 81],
];

/** Where each part of the long piece begins and who plays in it; numbers are bars. */
const ROAD_FORM = [
  { from: 0, bars: 8, chords: ROAD_VERSE, bass: 4, drums: 8, tunes: [] },
  {
    from: 8,
    bars: 16,
    chords: ROAD_VERSE,
    bass: 0,
    drums: 4,
    tunes: [ROAD_TUNE, ROAD_TUNE, ROAD_TUNE_HIGH, ROAD_TUNE],
  },
  { from: 24, bars: 8, chords: ROAD_CHORUS, bass: 0, drums: 0, tunes: [ROAD_LIFT, ROAD_LIFT] },
  { from: 32, bars: 8, chords: ROAD_VERSE, bass: 0, drums: 0, tunes: [null, ROAD_TUNE] },
  { from: 40, bars: 8, chords: ROAD_BRIDGE, bass: 4, drums: 8, tunes: [] },
  { from: 48, bars: 8, chords: ROAD_CHORUS, bass: 0, drums: 0, tunes: [ROAD_LIFT, ROAD_LIFT] },
  {
    from: 56,
    bars: 12,
    chords: ROAD_VERSE,
    bass: 0,
    drums: 0,
    tunes: [ROAD_TUNE_HIGH, ROAD_TUNE, ROAD_TUNE_HIGH],
  },
  { from: 68, bars: 4, chords: ROAD_VERSE, bass: 0, drums: 4, tunes: [] },
];

/** Three minutes at a walking pace: verse, chorus, bridge and home again. */
export function longWayRound() {
  const beat = 60 / 96;
  const recording = new Recording(72 * 4 * beat + 4);
  for (const part of ROAD_FORM) {
    for (let bar = 0; bar < part.bars; bar += 1) {
      const at = (part.from + bar) * 4 * beat;
      const chord = part.chords[bar % 4];
      for (const voice of chord.voices) recording.pad(at, 4 * beat, voice, 0.055);
      arpeggio(
        recording,
        at,
        beat / 2,
        chord,
        bar % 2 ? [3, 1, 2, 0, 3, 2, 1, 2] : [0, 1, 2, 3, 1, 2, 3, 2],
        0.17,
      );
      if (bar >= part.bass) walkingBass(recording, at, beat, chord.root);
      if (bar >= part.drums) fullBeat(recording, at, beat, bar % 4 === 3);
    }
    part.tunes.forEach((tune, n) => {
      if (tune) melody(recording, (part.from + n * 4) * 4 * beat, beat, tune, 0.19);
    });
  }
  const end = 72 * 4 * beat;
  for (const voice of [52, 55, 59, 64, 71]) recording.pluck(end, voice, 0.2, 0);
  recording.bass(end, 3.4, 40, 0.3);
  recording.master(3.5);
  return recording;
}

function arpeggio(recording, at, step, chord, order, loudness) {
  order.forEach((voice, n) => {
    const accent = n % 4 === 0 ? 1.15 : 0.9;
    recording.pluck(at + n * step, chord.voices[voice] + 12, loudness * accent, n % 2 ? 0.45 : -0.45);
  });
}

function melody(recording, at, beat, tune, loudness) {
  for (const [start, length, note] of tune) {
    recording.flute(at + start * beat, length * beat * 0.96, note, loudness);
    // An echo three quarters of a beat later, on the other side.
    recording.flute(at + (start + 0.75) * beat, length * beat * 0.7, note, loudness * 0.2, -0.6);
  }
}

function walkingBass(recording, at, beat, root) {
  for (const [start, length, interval, loudness] of [
    [0, 1.4, 0, 0.33],
    [1.5, 0.45, 0, 0.22],
    [2, 0.9, 7, 0.27],
    [3, 0.45, 12, 0.2],
    [3.5, 0.45, 7, 0.2],
  ]) {
    recording.bass(at + start * beat, length * beat, root + interval, loudness);
  }
}

function softBeat(recording, at, beat) {
  recording.kick(at, 0.4);
  recording.kick(at + 2.5 * beat, 0.28);
  for (let n = 0; n < 8; n += 1) recording.shaker(at + n * (beat / 2), n % 2 ? 0.05 : 0.03, 0.3);
}

function fullBeat(recording, at, beat, fill) {
  for (const start of [0, 1.5, 2.5]) recording.kick(at + start * beat, start === 0 ? 0.5 : 0.36);
  for (const start of [1, 3]) recording.shaker(at + start * beat, 0.13, -0.08, 3600);
  for (let n = 0; n < 8; n += 1) recording.shaker(at + n * (beat / 2), n % 2 ? 0.06 : 0.035, 0.35);
  if (fill) for (const start of [3.5, 3.75]) recording.shaker(at + start * beat, 0.11, -0.2, 2600);
}
