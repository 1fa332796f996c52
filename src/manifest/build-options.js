import { basename, resolve } from 'node:path';
import picomatch from 'picomatch';
import { toBaseUrl } from './base-url.js';
import { GROUPINGS } from './group-files.js';

/** @typedef {import('../types/manifest.js').BuildManifestOptions} BuildManifestOptions */

/**
 * The options, checked and with their defaults. Throws TypeError that names the one which is wrong.
 *
 * @param {BuildManifestOptions} options
 */
export function toBuildOptions({
  folder,
  baseUrl = '/',
  groupBy = 'folder',
  include = [],
  exclude = [],
  cacheFile,
  leaveOut = [],
  describe = () => undefined,
}) {
  if (typeof folder !== 'string' || folder === '') throw new TypeError('folder: expected a path');
  if (!Object.hasOwn(GROUPINGS, groupBy)) throw new TypeError("groupBy: expected 'folder' or 'file'");
  if (cacheFile !== undefined && typeof cacheFile !== 'string')
    throw new TypeError('cacheFile: expected a path');
  if (typeof describe !== 'function') throw new TypeError('describe: expected a function');
  const isListed = matcherOf(include, 'include');
  return {
    folder: resolve(folder),
    folderName: basename(resolve(folder)),
    base: toBaseUrl(baseUrl),
    group: GROUPINGS[groupBy],
    isIncluded: include.length > 0 ? isListed : () => true,
    isExcluded: matcherOf(exclude, 'exclude'),
    cacheFile,
    leaveOut: toStrings(leaveOut, 'leaveOut'),
    describe,
  };
}

/**
 * Whether a path, with `/` between names, matches one of some globs. So it is on every system: a backslash in a name is no separator,
 * and upper case is not lower case.
 *
 * @param {readonly string[]} globs
 * @param {string} name
 * @returns {(path: string) => boolean}
 */
function matcherOf(globs, name) {
  return picomatch([...toStrings(globs, name)], { windows: false });
}

/**
 * @param {readonly string[]} value
 * @param {string} name
 */
function toStrings(value, name) {
  const isRight = Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== '');
  if (!isRight) throw new TypeError(`${name}: expected an array of strings that are not empty`);
  return value;
}
