import { readFile } from 'node:fs/promises';

/** What a folder may say of the set that it becomes. */
export const SET_FILE = 'set.json';

const MEMBERS = ['id', 'title', 'icons'];

/** @typedef {import('../types/manifest.js').ManifestSetDescription} Description */

/**
 * Whether a file describes a set and is no part of it: only in the folders that become sets, the root and those at its top level.
 *
 * @param {readonly string[]} segments
 */
export function isSetFile(segments) {
  return segments.length <= 2 && segments[segments.length - 1] === SET_FILE;
}

/**
 * What a `set.json` says; its icons as they are written, with URLs relative to its folder. Rejects where it is wrong, also with members
 * that are not known: it may be a file of the app that happens to have this name.
 *
 * @param {string} file
 * @returns {Promise<Description>}
 */
export async function readSetFile(file) {
  let value;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new Error(`Cannot be read as JSON: ${file}`, { cause: error });
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isObject) throw new Error(`Expected an object: ${file}`);
  const unknown = Object.keys(value).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined)
    throw new Error(`Expected no members but ${MEMBERS.join(', ')}, not '${unknown}': ${file}`);
  checkDescription(value, file);
  return value;
}

/**
 * Throws Error where a description of a set has members of wrong types.
 *
 * @param {any} description
 * @param {string} where for the message
 */
export function checkDescription({ id, title, icons, files }, where) {
  if (id !== undefined && (typeof id !== 'string' || id === ''))
    throw new Error(`id: expected a string that is not empty: ${where}`);
  if (title !== undefined && typeof title !== 'string') throw new Error(`title: expected a string: ${where}`);
  if (icons !== undefined && !(Array.isArray(icons) && icons.every(isIcon)))
    throw new Error(`icons: expected an array of {src, sizes, type}: ${where}`);
  if (
    files !== undefined &&
    !(Array.isArray(files) && files.every((file) => file && typeof file === 'object'))
  )
    throw new Error(`files: expected an array of {url, size, type, integrity}: ${where}`);
}

/** @param {any} icon */
function isIcon(icon) {
  return (
    typeof icon?.src === 'string' &&
    ['undefined', 'string'].includes(typeof icon.sizes) &&
    ['undefined', 'string'].includes(typeof icon.type)
  );
}
