import { workingCopy } from '../js/working-copy.js';
import { firstPace, nextPace } from './pace.js';
import { NativeSource } from './sources/native.js';
import { PolyfillSource } from './sources/polyfill.js';

/** What has come of a fetch that is no older came now. */
const NEW_MS = 10_000;

/** @typedef {import('./entry.js').Entry} Entry */

/**
 * Where fetches are known from. The native one cannot do all.
 *
 * @typedef {Pick<PolyfillSource, 'open' | 'close' | 'cancel' | 'dismiss' | 'isOfPages'> & Partial<Pick<PolyfillSource, 'pause' | 'resume' | 'retry' | 'click' | 'files'>>} Source
 */

/** The background fetches of the origin, the newest first, and how fast each of them comes. */
export class FetchList {
  /** @type {Map<string, Entry>} */
  #entries = new Map();
  /** @type {Map<string, import('./pace.js').Pace>} */
  #paces = new Map();
  /** @type {(after: Entry | undefined, before: Entry | undefined) => void} */
  #handleChange;
  /** @type {Source} */
  source = sourceHere((key, entry) => this.#update(key, entry));

  /**
   * `handleChange` is told of each entry that is new, has changed (`before` is what it was) or is gone (`after` is
   * undefined).
   *
   * @param {(after: Entry | undefined, before: Entry | undefined) => void} handleChange
   */
  constructor(handleChange) {
    this.#handleChange = handleChange;
  }

  get entries() {
    return Array.from(this.#entries.values()).sort((one, other) => other.created - one.created);
  }

  get running() {
    return Array.from(this.#entries.values()).filter(({ result }) => result === '');
  }

  /** @param {string} key */
  entryOf(key) {
    return this.#entries.get(key);
  }

  /** @param {string} key */
  paceOf(key) {
    return this.#paces.get(key);
  }

  async open() {
    await this.source.open();
  }

  close() {
    this.source.close();
  }

  /** Time passes, and what brings nothing becomes slower. */
  tick() {
    for (const entry of this.#entries.values()) this.#count(entry);
  }

  /**
   * @param {string} key
   * @param {Entry | undefined} read
   */
  #update(key, read) {
    const before = this.#entries.get(key);
    if (!read) {
      this.#entries.delete(key);
      this.#paces.delete(key);
      if (before) this.#handleChange(undefined, before);
      return;
    }
    const isNew = !before && Date.now() - read.created < NEW_MS;
    const came = received(read) > (isNew ? 0 : received(before ?? read));
    const after = { ...read, isMoving: runs(read) && Boolean(came || before?.isMoving) };
    this.#entries.set(key, after);
    this.#count(after);
    this.#handleChange(after, before);
  }

  /**
   * What stands still has no pace, and begins with a new one.
   *
   * @param {Entry} entry
   */
  #count(entry) {
    if (!runs(entry)) {
      this.#paces.delete(entry.key);
      return;
    }
    const pace = this.#paces.get(entry.key);
    const now = performance.now();
    const total = entry.downloadTotal && entry.downloadTotal + entry.uploadTotal;
    const next = pace ? nextPace(pace, now, received(entry), total) : firstPace(now, received(entry));
    this.#paces.set(entry.key, next);
  }
}

/**
 * Of whichever API this page has; of the polyfill where it has none, as others of the origin may have it.
 *
 * @param {(key: string, entry: Entry | undefined) => void} tell
 */
function sourceHere(tell) {
  const { BackgroundFetchManager } = globalThis;
  const isOurs = workingCopy()?.interfaces.BackgroundFetchManager === BackgroundFetchManager;
  return BackgroundFetchManager && !isOurs ? new NativeSource(tell) : new PolyfillSource(tell);
}

/** @param {Entry} entry */
function runs({ result, isPaused }) {
  return result === '' && !isPaused;
}

/** @param {Entry} entry */
function received({ downloaded, uploaded }) {
  return downloaded + uploaded;
}
