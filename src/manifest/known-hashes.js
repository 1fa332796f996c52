import { readFile } from 'node:fs/promises';
import { writeWholeFile } from './whole-file.js';

/** File systems tell times in steps of up to so long (FAT): a file may change twice in one. */
const LONGEST_STEP_NS = 2_000_000_000n;
const VERSION = 1;

/** @typedef {import('./hash-file.js').Version} Version */

/**
 * Hashes of files whose size and time of modification are known, in a file of their own: in the manifest, times would make two builds
 * of the same files differ.
 */
export class KnownHashes {
  /** @type {Map<string, string[]>} path -> size, time and integrity */
  #before;
  /** @type {Map<string, string[]>} */
  #now = new Map();

  /** @param {Iterable<[string, string[]]>} [entries] */
  constructor(entries = []) {
    this.#before = new Map(entries);
  }

  /**
   * What a cache file knows. One that cannot be read, or is of another version, costs time and nothing else.
   *
   * @param {string} file
   */
  static async read(file) {
    try {
      const { version, files } = JSON.parse(await readFile(file, 'utf8'));
      return new KnownHashes(version === VERSION ? Object.entries(files).filter(isEntry) : []);
    } catch {
      return new KnownHashes();
    }
  }

  /**
   * The integrity of a file: what is known, or what `hash` finds.
   *
   * @param {string} path
   * @param {Version} version
   * @param {() => Promise<string>} hash
   */
  async integrityOf(path, { size, mtimeNs }, hash) {
    const [knownSize, knownTime, known] = this.#before.get(path) ?? [];
    const isKnown = knownSize === `${size}` && knownTime === `${mtimeNs}`;
    const begin = BigInt(Date.now()) * 1_000_000n;
    const integrity = isKnown ? known : await hash();
    // A file that was just written may be written again within the same step of time.
    const isSettled = isKnown || mtimeNs < begin - LONGEST_STEP_NS;
    if (isSettled) this.#now.set(path, [`${size}`, `${mtimeNs}`, integrity]);
    return integrity;
  }

  /** Forgets the files that were not asked for since the last time. */
  settle() {
    this.#before = this.#now;
    this.#now = new Map();
  }

  /**
   * What is known since it was last settled.
   *
   * @param {string} file
   */
  async write(file) {
    const files = Object.fromEntries([...this.#before].sort(([one], [other]) => (one < other ? -1 : 1)));
    await writeWholeFile(file, `${JSON.stringify({ version: VERSION, files })}\n`);
  }
}

/**
 * @param {[string, any]} entry
 * @returns {entry is [string, string[]]}
 */
function isEntry(entry) {
  const [, known] = entry;
  const isList =
    Array.isArray(known) && known.length === 3 && known.every((item) => typeof item === 'string');
  return isList && known[2].startsWith('sha256-');
}
