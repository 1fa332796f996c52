import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** Moves a directory to where nothing, or an empty directory, is. @returns {Promise<boolean>} false if there is something */
async function movedTo(target, from) {
  try {
    await rename(from, target);
    return true;
  } catch (error) {
    if (error.code === 'ENOTEMPTY' || error.code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Puts a directory in place with all of its files at once. Several processes may do so at the same time: one of them wins,
 * and nobody ever sees the directory half full.
 * @param {string} target path of the directory; what is there and not up to date goes
 * @param {object} how
 * @param {string} how.workshop an existing directory of the same file system, in which the files are made
 * @param {() => Promise<boolean>} how.upToDate whether the directory at `target` is good as it is
 * @param {(directory: string) => Promise<void>} how.fill makes the files in an empty directory
 * @returns {Promise<boolean>} true when files were made, false when all were up to date
 */
export async function putWholeDirectory(target, { workshop, upToDate, fill }) {
  if (await upToDate()) return false;
  await mkdir(workshop, { recursive: true });
  const making = await mkdtemp(join(workshop, `${basename(target)}-`));
  try {
    await fill(making);
    while (!(await movedTo(target, making))) {
      if (await upToDate()) break;
      const old = await mkdtemp(join(workshop, `${basename(target)}-old-`));
      await movedTo(old, target).catch((error) => {
        if (error.code !== 'ENOENT') throw error;
      });
      await rm(old, { recursive: true, force: true });
    }
    return true;
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}
