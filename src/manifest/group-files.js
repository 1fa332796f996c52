import { isSetFile } from './set-file.js';

/** The id of the set of the files that lie beside the folders; no folder can have this name. */
const ROOT_ID = '.';

/** @typedef {import('./list-files.js').FoundFile} FoundFile */

/**
 * @typedef {object} Group files that become a set
 * @property {string} id
 * @property {string} title
 * @property {string[]} segments the folder that they are in
 * @property {FoundFile[]} files
 * @property {FoundFile} [setFile]
 */

/**
 * How files become sets, by the option `groupBy`.
 *
 * @type {Record<'folder' | 'file', (files: readonly FoundFile[], folderName: string) => Group[]>}
 */
export const GROUPINGS = { folder: groupByFolder, file: groupByFile };

/**
 * A set for each folder at the top level, and one for the files beside them.
 *
 * @param {readonly FoundFile[]} files
 * @param {string} folderName
 */
function groupByFolder(files, folderName) {
  /** @type {Map<string, Group>} */
  const groups = new Map();
  for (const found of files) {
    const segments = found.segments.slice(0, -1).slice(0, 1);
    const [id = ROOT_ID] = segments;
    const group = groups.get(id) ?? { id, title: segments[0] ?? folderName, segments, files: [] };
    groups.set(id, group);
    if (isSetFile(found.segments)) group.setFile = found;
    else group.files.push(found);
  }
  return [...groups.values()].filter((group) => group.files.length > 0);
}

/**
 * A set for each file.
 *
 * @param {readonly FoundFile[]} files
 */
function groupByFile(files) {
  return files
    .filter(({ segments }) => !isSetFile(segments))
    .map((found) => ({
      id: found.segments.join('/'),
      title: found.segments[found.segments.length - 1],
      segments: found.segments.slice(0, -1),
      files: [found],
    }));
}
