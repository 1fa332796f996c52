import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ROOT } from '../../../scripts/setup/run.mjs';

const BUILDS = join(ROOT, 'target/builds');
const INPUTS = ['pkg', 'tests/e2e/builds', 'package.json', 'package-lock.json'];
const LOOK_AGAIN_MS = 100;

/**
 * The directory with the sample projects' builds: `project`, and one for each of SAMPLES. Made once for all engines, and
 * anew when the package, its tools or this directory have changed.
 */
export async function builtSamples() {
  const name = await fingerprint();
  const directory = join(BUILDS, name);
  await mkdir(BUILDS, { recursive: true });
  while (!(await isThere(directory))) {
    // Another engine's run may have begun at the same moment.
    if (await isBeingBuilt(name)) await delay(LOOK_AGAIN_MS);
    else await build(directory);
  }
  return directory;
}

async function build(directory) {
  const unfinished = `${directory}.${process.pid}`;
  await mkdir(unfinished);
  try {
    await promisify(execFile)(process.execPath, [join(ROOT, 'tests/e2e/builds/build.mjs'), unfinished]);
    // Another run may have been quicker.
    if (!(await isThere(directory))) await rename(unfinished, directory);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  const others = (await readdir(BUILDS)).filter((name) => !join(BUILDS, name).startsWith(directory));
  await Promise.all(others.map((name) => rm(join(BUILDS, name), { recursive: true, force: true })));
}

async function isBeingBuilt(name) {
  const builders = (await readdir(BUILDS)).filter((entry) => entry.startsWith(`${name}.`));
  return builders.some((entry) => isAlive(Number(entry.slice(name.length + 1))));
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function isThere(path) {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function fingerprint() {
  const hash = createHash('sha256');
  for (const input of INPUTS) {
    for (const file of await filesBelow(join(ROOT, input))) hash.update(file).update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 16);
}

async function filesBelow(path) {
  if (!(await stat(path)).isDirectory()) return [path];
  const entries = (await readdir(path, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  return entries.map(({ parentPath, path: parent, name }) => join(parentPath ?? parent, name)).sort();
}
