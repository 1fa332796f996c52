import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isWithin } from './path-segments.js';

/**
 * @typedef {object} FoundFile
 * @property {string[]} segments the names of its folders and its own, below the folder that is listed
 * @property {string} file where it is, without links
 */

/**
 * @typedef {object} Choice
 * @property {(path: string) => boolean} isIncluded of a file, by its path with `/` between names
 * @property {(path: string) => boolean} isExcluded the same of a file or a folder
 * @property {ReadonlySet<string>} leftOut files that are not listed, by where they are
 */

/**
 * Finds the files of a folder, in no certain order. Dot files, what is in dot folders, and what is no regular file are left out. Rejects
 * where a symbolic link leads out of the folder, or nowhere.
 *
 * @param {string} folder
 * @param {Choice} choice
 * @returns {Promise<FoundFile[]>}
 */
export async function listFiles(folder, choice) {
  const root = await realpath(folder);
  return listBelow({ root, choice, segments: [], ancestors: [root] });
}

/**
 * @typedef {object} Position
 * @property {string} root
 * @property {Choice} choice
 * @property {string[]} segments
 * @property {string[]} ancestors the folders on the way to this one, which is the last, without links
 */

/**
 * @param {Position} position
 * @returns {Promise<FoundFile[]>}
 */
async function listBelow(position) {
  const { choice, segments, ancestors } = position;
  const here = ancestors[ancestors.length - 1];
  /** @type {FoundFile[]} */
  const found = [];
  for (const entry of await readdir(here, { withFileTypes: true })) {
    const entrySegments = [...segments, entry.name];
    const path = entrySegments.join('/');
    if (entry.name.startsWith('.') || choice.leftOut.has(join(here, entry.name)) || choice.isExcluded(path))
      continue;
    const { kind, place } = await follow(entry, join(here, entry.name), path, position.root);
    if (kind === 'file') {
      if (choice.isIncluded(path) && !choice.leftOut.has(place))
        found.push({ segments: entrySegments, file: place });
    } else if (kind === 'folder' && !ancestors.includes(place)) {
      const next = { ...position, segments: entrySegments, ancestors: [...ancestors, place] };
      for (const file of await listBelow(next)) found.push(file);
    }
  }
  return found;
}

/**
 * What an entry of a folder is, and where; of a link, what is at its end.
 *
 * @param {import('node:fs').Dirent} entry
 * @param {string} place
 * @param {string} path below the root, for messages
 * @param {string} root
 */
async function follow(entry, place, path, root) {
  if (!entry.isSymbolicLink()) return { kind: kindOf(entry), place };
  const end = await realpath(place).catch(() => undefined);
  if (end === undefined) throw new Error(`A symbolic link leads nowhere: ${path}`);
  if (!isWithin(root, end)) throw new Error(`A symbolic link leads out of the folder: ${path}`);
  return { kind: kindOf(await stat(end)), place: end };
}

/** @param {Pick<import('node:fs').Dirent, 'isFile' | 'isDirectory'>} what */
function kindOf(what) {
  if (what.isFile()) return 'file';
  return what.isDirectory() ? 'folder' : 'other';
}
