/**
 * Run as a worker thread, so that the music is made beside the pictures. `workerData` names the directory and the tracks;
 * the answer is what the set's description says about each file.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import * as music from './music.mjs';
import { RATE } from './synth.mjs';
import { encodeWav } from './wav.mjs';

const WAVEFORM_BARS = 120;

parentPort.postMessage(
  workerData.tracks.map(({ name, title, text, piece }) => {
    const recording = music[piece]();
    const bytes = encodeWav(recording.left, recording.right, RATE);
    writeFileSync(join(workerData.directory, `${name}.wav`), bytes);
    return {
      url: `/assets/${name}.wav`,
      kind: 'audio',
      type: 'audio/wav',
      title,
      text,
      size: bytes.length,
      seconds: recording.left.length / RATE,
      waveform: recording.peaks(WAVEFORM_BARS),
    };
  }),
);
