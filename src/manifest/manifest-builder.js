import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { lookup } from 'mrmime';
import { checkManifest } from '../storage-manager/check-manifest.js';
import { fileUrl, resolveUrl } from './base-url.js';
import { toBuildOptions } from './build-options.js';
import { hashFile } from './hash-file.js';
import { mapInLanes } from './in-lanes.js';
import { KnownHashes } from './known-hashes.js';
import { listFiles } from './list-files.js';
import { checkDescription, isSetFile, readSetFile } from './set-file.js';
import { placeOf } from './whole-file.js';

/** Files that are open at a time: disks and threads of Node are busy, and memory stays small. */
const LANES = 8;
const UNKNOWN_TYPE = 'application/octet-stream';

/** @typedef {import('../types/manifest.js').Manifest} Manifest */
/** @typedef {import('../types/manifest.js').ManifestFile} ManifestFile */
/** @typedef {import('../types/manifest.js').ManifestSet} ManifestSet */
/** @typedef {import('./group-files.js').Group} Group */
/** @typedef {import('./list-files.js').FoundFile} FoundFile */

/** Builds the manifest of a folder, also again and again: files that have not changed are hashed once. */
export class ManifestBuilder {
  #options;
  /** @type {KnownHashes | undefined} */
  #hashes;

  /** @param {import('../types/manifest.js').BuildManifestOptions} options */
  constructor(options) {
    this.#options = toBuildOptions(options);
  }

  /** The folder, as an absolute path. */
  get folder() {
    return this.#options.folder;
  }

  /** @returns {Promise<Manifest>} */
  async build() {
    const { folderName, group } = this.#options;
    const found = await this.#listFiles();
    const files = await this.#describeFiles(found.filter(({ segments }) => !isSetFile(segments)));
    return this.#check({ version: 1, sets: await this.#toSets(group(found, folderName), files) });
  }

  async #listFiles() {
    const { folder, isIncluded, isExcluded, cacheFile, leaveOut } = this.#options;
    const own = cacheFile === undefined ? leaveOut : [...leaveOut, cacheFile];
    const isDescription = (/** @type {string} */ path) => isSetFile(path.split('/'));
    return listFiles(folder, {
      isIncluded: (path) => isDescription(path) || isIncluded(path),
      isExcluded: (path) => !isDescription(path) && isExcluded(path),
      leftOut: new Set(await Promise.all(own.map(placeOf))),
    });
  }

  /**
   * @param {readonly FoundFile[]} found
   * @returns {Promise<Map<FoundFile, ManifestFile>>}
   */
  async #describeFiles(found) {
    const { base, cacheFile } = this.#options;
    this.#hashes ??= cacheFile === undefined ? new KnownHashes() : await KnownHashes.read(cacheFile);
    const hashes = this.#hashes;
    const files = await mapInLanes(found, LANES, async ({ segments, file }) => {
      const url = fileUrl(base, segments);
      const version = await stat(file, { bigint: true });
      const integrity = await hashes.integrityOf(segments.join('/'), version, () => hashFile(file, version));
      const type = lookup(extname(segments[segments.length - 1])) ?? UNKNOWN_TYPE;
      return { url, size: Number(version.size), type, integrity };
    });
    hashes.settle();
    if (cacheFile !== undefined) await hashes.write(cacheFile);
    return new Map(found.map((one, at) => [one, files[at]]));
  }

  /**
   * @param {Group[]} groups
   * @param {ReadonlyMap<FoundFile, ManifestFile>} files
   */
  async #toSets(groups, files) {
    /** @type {Map<string, { set: ManifestSet, place: string }>} */
    const sets = new Map();
    for (const group of groups.sort(by(({ id }) => id))) {
      const set = await this.#toSet(group, files);
      const taken = sets.get(set.id);
      if (taken) throw new Error(`Two sets have the id '${set.id}': ${taken.place} and ${group.id}`);
      sets.set(set.id, { set, place: group.id });
    }
    return [...sets.values()].map(({ set }) => set).sort(by(({ id }) => id));
  }

  /**
   * @param {Group} group
   * @param {ReadonlyMap<FoundFile, ManifestFile>} described
   * @returns {Promise<ManifestSet>}
   */
  async #toSet({ id, title, segments, files, setFile }, described) {
    const { base, describe } = this.#options;
    const said = setFile ? await readSetFile(setFile.file) : {};
    const folderUrl = fileUrl(base, [...segments, '']);
    const icons = said.icons?.map((icon) => ({ ...icon, src: resolveUrl(icon.src, folderUrl) }));
    const list = files.map((file) => /** @type {ManifestFile} */ (described.get(file)));
    const set = toSet({ id, title, icons: [], files: list }, { ...said, icons });
    const more = (await describe(structuredClone(set))) ?? {};
    checkDescription(more, `describe('${set.id}')`);
    return toSet(set, more);
  }

  /**
   * The checks of the workers that will have the manifest.
   *
   * @param {Manifest} manifest
   */
  #check(manifest) {
    checkManifest(manifest, new URL(this.#options.base, 'http://localhost'));
    return manifest;
  }
}

/**
 * A set with what is said of it, in the order of the manifest's members.
 *
 * @param {Omit<ManifestSet, 'downloadTotal'>} set
 * @param {import('../types/manifest.js').ManifestSetDescription} said
 * @returns {ManifestSet}
 */
function toSet(set, said) {
  const { id = set.id, title = set.title, icons = set.icons, files = set.files } = said;
  return {
    id,
    title,
    icons: icons.map((icon) => pick(icon, ['src', 'sizes', 'type'])),
    downloadTotal: files.reduce((sum, { size }) => sum + size, 0),
    files: files.map((file) => pick(file, ['url', 'size', 'type', 'integrity'])).sort(by(({ url }) => url)),
  };
}

/**
 * The members with these names that a value has, in this order.
 *
 * @template {object} T
 * @param {T} value
 * @param {(keyof T)[]} names
 * @returns {T}
 */
function pick(value, names) {
  const members = names.filter((name) => value[name] !== undefined).map((name) => [name, value[name]]);
  return Object.fromEntries(members);
}

/**
 * An order by code units, which is the same in every language.
 *
 * @template T
 * @param {(item: T) => string} keyOf
 */
function by(keyOf) {
  return (/** @type {T} */ one, /** @type {T} */ other) => {
    if (keyOf(one) === keyOf(other)) return 0;
    return keyOf(one) < keyOf(other) ? -1 : 1;
  };
}
