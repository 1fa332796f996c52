/** Paths of the file system. What is a separator depends on the system: Node's `path.posix` or `path.win32` tell. */

import nativePath from 'node:path';

/** @typedef {Pick<import('node:path').PlatformPath, 'sep' | 'relative' | 'isAbsolute'>} PathSystem */

/**
 * The names that a relative path consists of. A backslash is a separator in Windows, and part of a name elsewhere.
 *
 * @param {string} relativePath
 * @param {PathSystem} path
 */
export function segmentsOf(relativePath, path = nativePath) {
  const separator = path.sep === '\\' ? /[\\/]/ : '/';
  return relativePath.split(separator);
}

/**
 * Whether a path is that of a folder, or of something below it. Both are absolute, and real: without links.
 *
 * @param {string} folder
 * @param {string} target
 * @param {PathSystem} path
 */
export function isWithin(folder, target, path = nativePath) {
  const relative = path.relative(folder, target);
  // Windows has several drives, between which no relative path leads.
  return !path.isAbsolute(relative) && segmentsOf(relative, path)[0] !== '..';
}
