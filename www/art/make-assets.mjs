/**
 * Makes the demo's files in www/assets/: pictures, music, icons and the description of the set.
 * Run it by itself, or let `npm start` do it. Nothing happens when the files are there and their makers unchanged.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { putWholeDirectory } from '../../scripts/whole-directory.mjs';

const MAKERS = new URL('./', import.meta.url);
const TARGET = fileURLToPath(new URL('../assets', import.meta.url));
const WORKSHOP = fileURLToPath(new URL('../../target', import.meta.url));
const STAMP = 'stamp.json';

const WIDTH = 1600;
const HEIGHT = 1000;

const PICTURES = [
  { name: 'dawn', title: 'Dawn', text: 'Mist between the ridges, the lake without a breath of wind.' },
  { name: 'noon', title: 'Noon', text: 'The farm below the pass, and the oak that everyone rests under.' },
  { name: 'dusk', title: 'Dusk', text: 'The last boat comes home across the bay.' },
  { name: 'night', title: 'Night', text: 'Northern lights over the winter hut.' },
];
const TRACKS = [
  {
    name: 'first-light',
    title: 'First Light',
    text: 'A minute for plucked strings and flute.',
    piece: 'firstLight',
  },
  {
    name: 'long-way-round',
    title: 'The Long Way Round',
    text: 'Three minutes at walking pace, all around the shore.',
    piece: 'longWayRound',
  },
];

async function makePictures(directory) {
  const write = async (name, bytes) => {
    await writeFile(join(directory, name), bytes);
    return bytes.length;
  };

  const scenes = await import('./scenes.mjs');
  const files = [];
  for (const { name, title, text } of PICTURES) {
    const size = await write(`${name}.png`, scenes[name](WIDTH, HEIGHT).toPng());
    files.push({
      url: `/assets/${name}.png`,
      kind: 'image',
      type: 'image/png',
      title,
      text,
      size,
      width: WIDTH,
      height: HEIGHT,
    });
  }
  const icons = [];
  for (const side of [192, 512]) {
    await write(`icon-${side}.png`, scenes.icon(side).toPng(side * 0.19));
    icons.push({
      src: `/assets/icon-${side}.png`,
      sizes: `${side}x${side}`,
      type: 'image/png',
      label: 'A sun between two peaks',
    });
  }
  return { files, icons };
}

async function makeTracks(directory) {
  const workerData = { directory, tracks: TRACKS };
  const [files] = await once(new Worker(new URL('record-tracks.mjs', MAKERS), { workerData }), 'message');
  return files;
}

async function fingerprint() {
  const hash = createHash('sha256');
  for (const name of (await readdir(MAKERS)).sort())
    hash.update(name).update(await readFile(new URL(name, MAKERS)));
  return hash.digest('hex');
}

async function upToDate(print) {
  try {
    const stamp = JSON.parse(await readFile(join(TARGET, STAMP), 'utf8'));
    if (stamp.print !== print) return false;
    for (const [name, size] of Object.entries(stamp.files)) {
      if ((await stat(join(TARGET, name))).size !== size) return false;
    }
    return true;
  } catch {
    return false;
  }
}

async function fill(directory, print) {
  const [tracks, { files: pictures, icons }] = await Promise.all([
    makeTracks(directory),
    makePictures(directory),
  ]);
  const files = [...pictures, ...tracks];
  const series = {
    id: 'series',
    title: 'A Day at Lake Arven',
    text: 'Four pictures and two pieces of music, from first light to the northern lights.',
    page: '/series.html',
    icons,
    downloadTotal: files.reduce((sum, file) => sum + file.size, 0),
    files,
  };
  await writeFile(join(directory, 'series.json'), `${JSON.stringify(series, null, 2)}\n`);
  const sizes = {};
  for (const name of await readdir(directory)) sizes[name] = (await stat(join(directory, name))).size;
  await writeFile(join(directory, STAMP), JSON.stringify({ print, files: sizes }));
}

/**
 * @param {{ log?: (line: string) => void }} [options]
 * @returns {Promise<boolean>} true when files were made, false when all were up to date
 */
export async function makeAssets({ log = () => {} } = {}) {
  const print = await fingerprint();
  return putWholeDirectory(TARGET, {
    workshop: WORKSHOP,
    upToDate: () => upToDate(print),
    fill: async (directory) => {
      log('Painting the pictures and recording the music of the demo ...');
      await fill(directory, print);
    },
  });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const made = await makeAssets({ log: console.log });
  console.log(made ? 'The assets are in www/assets.' : 'The assets are up to date.');
}
