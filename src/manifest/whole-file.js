import { randomUUID } from 'node:crypto';
import { mkdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/**
 * Writes a file so that nobody ever sees it half written, and makes the folder that it is in.
 *
 * @param {string} file
 * @param {string} text
 */
export async function writeWholeFile(file, text) {
  await mkdir(dirname(file), { recursive: true });
  // Beside it, for only within a file system is a rename atomic; and with a dot, so that nobody lists it.
  const unfinished = join(dirname(file), `.${basename(file)}.${randomUUID()}`);
  try {
    await writeFile(unfinished, text);
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/**
 * Where a file that is written so is, without links; it need not be there yet.
 *
 * @param {string} file
 */
export async function placeOf(file) {
  const folder = resolve(dirname(file));
  return join(await realpath(folder).catch(() => folder), basename(file));
}
