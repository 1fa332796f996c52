import { workingCopy } from '../js/working-copy.js';
import { beginFetch, beginInPage } from './begin-fetch.js';
import { limitOf, setsToEvict } from './budget.js';
import { copyRecords } from './copy-records.js';
import { PREFIX } from './names.js';
import { Problem } from './problem.js';
import { versionOf } from './stored-files.js';

/**
 * @typedef {import('../types/manifest.js').ManifestSet} ManifestSet
 * @typedef {import('../types/storage-manager.js').SetState} SetState
 * @typedef {import('./stored-files.js').SetRow} SetRow
 * @typedef {{ maxBytes?: number, maxQuotaShare?: number }} Budget
 */

/** A set counts as used once in so long: each time is a transaction. */
const USED_MS = 60_000;

/** What is done with the sets of a manifest, over the public API and the stored files. */
export class StoredSets {
  #manifest;
  #stored;
  #budget;
  /** Called when something has changed but progress. */
  #onchange;
  /** @type {Map<string, number>} */
  #usedAt = new Map();
  /** @type {Promise<void> | undefined} */
  #deleted;

  /**
   * @param {import('./manifest-source.js').ManifestSource} manifest
   * @param {import('./stored-files.js').StoredFiles} stored
   * @param {Budget} budget
   * @param {() => Promise<void>} onchange
   */
  constructor(manifest, stored, budget, onchange) {
    this.#manifest = manifest;
    this.#stored = stored;
    this.#budget = budget;
    this.#onchange = onchange;
  }

  /** All sets, those first that the manifest has. */
  async list() {
    const [{ sets }, rows, running] = await Promise.all([
      this.#manifest.read(),
      this.#stored.sets(),
      this.#running(),
    ]);
    const stored = new Map(rows.map((row) => [row.id, row]));
    const listed = sets.map((set) => toState(set, stored.get(set.id), running.get(set.id)));
    const ids = new Set(sets.map(({ id }) => id));
    const others = rows.filter(({ id, files }) => !ids.has(id) && files.length > 0);
    return [...listed, ...others.map((row) => toState(undefined, row, running.get(row.id)))];
  }

  /**
   * Begins to fetch a set, or what has changed of it. Nothing where it is being fetched, or is stored.
   *
   * @param {string} id
   * @param {string} clientId of the page that asks
   * @returns {Promise<SetState>}
   */
  async store(id, clientId) {
    return this.#alone(id, async () => {
      const { sets } = await this.#manifest.read();
      const set = sets.find((one) => one.id === id);
      if (!set) throw new Problem(404, `the manifest has no set '${id}'`);
      const running = await this.#registration(id);
      if (running) return toState(set, await this.#stored.set(id), running);
      const known = new Map((await this.#stored.files()).map((file) => [file.url, file.version]));
      const missing = set.files.filter((file) => known.get(file.url) !== versionOf(file));
      if (missing.length === 0) {
        await this.#stored.replace(set);
        await this.#onchange();
        return toState(set, await this.#stored.set(id), undefined);
      }
      const downloadTotal = missing.reduce((sum, { size }) => sum + size, 0);
      await this.#makeRoom(id, downloadTotal);
      await this.#stored.begin(set);
      const { title, icons } = set;
      const options = { title, icons, downloadTotal };
      const beginning = { id: PREFIX + id, requests: missing, options };
      try {
        await beginFetch(self.registration, beginning);
      } catch (error) {
        if (isPolyfill(self.registration.backgroundFetch)) throw error;
        await beginInPage(clientId, beginning);
      }
      await this.#onchange();
      return toState(set, await this.#stored.set(id), await this.#registration(id));
    });
  }

  /**
   * Deletes a set, and aborts what runs of it.
   *
   * @param {string} id
   */
  async remove(id) {
    await (await this.#registration(id))?.abort();
    await this.#alone(id, async () => {
      const isKnown = await this.#stored.remove(id);
      if (!isKnown) {
        const { sets } = await this.#manifest.read();
        if (!sets.some((set) => set.id === id)) throw new Problem(404, `there is no set '${id}'`);
      }
    });
    await this.#onchange();
  }

  /** Deletes all sets. */
  async clear() {
    const [rows, running] = await Promise.all([this.#stored.sets(), this.#running()]);
    const ids = new Set([...rows.map(({ id }) => id), ...running.keys()]);
    for (const id of ids) {
      await running.get(id)?.abort();
      await this.#alone(id, () => this.#stored.remove(id));
    }
    await this.#onchange();
  }

  /**
   * @param {string} id
   * @param {boolean} isPaused
   */
  async pause(id, isPaused) {
    const registration = await this.#registration(id);
    if (!registration) throw new Problem(409, `the set '${id}' is not being fetched`);
    const copy = workingCopy();
    if (!copy || copy.uidOf?.(registration) === undefined) {
      throw new Problem(409, 'no script can pause a background fetch of the browser');
    }
    await (isPaused ? copy.pause(registration) : copy.resume(registration));
    await this.#onchange();
  }

  /**
   * @param {string} id
   * @param {boolean} isPinned
   */
  async pin(id, isPinned) {
    if (!(await this.#stored.change(id, { isPinned })))
      throw new Problem(404, `the set '${id}' is not stored`);
    await this.#onchange();
  }

  /**
   * Keeps what was fetched of a set.
   *
   * @param {string} id
   * @param {BackgroundFetchRegistration} registration whose success event is handled
   */
  async keep(id, registration) {
    await this.#alone(id, async () => {
      const set = (await this.#stored.set(id))?.pending;
      // It was removed meanwhile.
      if (!set) return;
      const uid = workingCopy()?.uidOf?.(registration);
      if (uid !== undefined) {
        await this.#stored.keep(uid, set);
        return;
      }
      // Before this worker copies anything itself.
      await (this.#deleted ??= this.#stored.deleteUnkept());
      await this.#stored.replace(set, await copyRecords(registration, this.#stored));
    });
    await this.#onchange();
  }

  /**
   * @param {string} id
   * @param {BackgroundFetchRegistration} registration
   */
  async noteFailure(id, registration) {
    await this.#stored.change(id, { failureReason: registration.failureReason });
    await this.#onchange();
  }

  /** A fetch was aborted. */
  async noteEnd() {
    await this.#onchange();
  }

  /**
   * A file is read, which keeps its sets from being evicted.
   *
   * @param {import('./stored-files.js').FileRow} file
   */
  async noteUse({ sets }) {
    const now = Date.now();
    for (const id of sets) {
      if (now - (this.#usedAt.get(id) ?? 0) < USED_MS) continue;
      this.#usedAt.set(id, now);
      await this.#stored.change(id, { usedAt: now });
    }
  }

  /** What is stored, and what may be. */
  async usage() {
    const files = await this.#stored.files();
    const stored = files.reduce((sum, { size }) => sum + size, 0);
    const { quota, usage } = await estimate();
    const limit = limitOf(this.#budget, quota);
    return { stored, usage, quota, limit: limit === Infinity ? undefined : limit };
  }

  /**
   * Evicts what the budget says, or says what would have to go.
   *
   * @param {string} id
   * @param {number} needed
   */
  async #makeRoom(id, needed) {
    const [{ stored, quota, usage, limit }, sizes, running] = await Promise.all([
      this.usage(),
      this.#sizes(),
      this.#running(),
    ]);
    const over = stored + needed - (limit ?? Infinity);
    const candidates = sizes.filter((set) => set.id !== id && !running.has(set.id));
    const hasBudget = this.#budget.maxBytes !== undefined || this.#budget.maxQuotaShare !== undefined;
    const overQuota = quota === undefined || usage === undefined ? 0 : usage + needed - quota;
    const missing = Math.max(over, overQuota);
    if (missing <= 0) return;
    const { ids, isEnough } = setsToEvict(candidates, missing);
    if (!hasBudget || !isEnough) {
      const detail = `the set needs ${needed} bytes, ${missing} more than there is room for`;
      throw new Problem(507, detail, { needed, missing, wouldHaveToGo: isEnough ? ids : [] });
    }
    for (const evicted of ids) await this.#alone(evicted, () => this.#stored.remove(evicted));
  }

  /** What would become free with each set. */
  async #sizes() {
    const [rows, files] = await Promise.all([this.#stored.sets(), this.#stored.files()]);
    /** @type {Map<string, number>} */
    const sizes = new Map();
    for (const { sets, size } of files) {
      if (sets.length === 1) sizes.set(sets[0], (sizes.get(sets[0]) ?? 0) + size);
    }
    return rows.map(({ id, usedAt, isPinned }) => ({ id, usedAt, isPinned, size: sizes.get(id) ?? 0 }));
  }

  /**
   * The fetches under way, by the ids of their sets.
   *
   * @returns {Promise<Map<string, BackgroundFetchRegistration>>}
   */
  async #running() {
    const manager = self.registration.backgroundFetch;
    const ids = (await manager.getIds()).filter((id) => id.startsWith(PREFIX));
    /** @type {Map<string, BackgroundFetchRegistration>} */
    const running = new Map();
    for (const registration of await Promise.all(ids.map((id) => manager.get(id)))) {
      if (registration?.result === '') running.set(registration.id.slice(PREFIX.length), registration);
    }
    return running;
  }

  /** @param {string} id */
  async #registration(id) {
    const registration = await self.registration.backgroundFetch.get(PREFIX + id);
    return registration?.result === '' ? registration : undefined;
  }

  /**
   * One after another, in whatever worker.
   *
   * @template T
   * @param {string} id
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  #alone(id, work) {
    return navigator.locks.request(`background-fetch-set:${self.registration.scope}:${id}`, work);
  }
}

/**
 * The id of a background fetch's set; undefined where it is not the storage manager's.
 *
 * @param {BackgroundFetchRegistration} registration
 */
export function setOf({ id }) {
  return id.startsWith(PREFIX) ? id.slice(PREFIX.length) : undefined;
}

/**
 * @param {ManifestSet | undefined} set as the manifest has it
 * @param {SetRow | undefined} row
 * @param {BackgroundFetchRegistration | undefined} running
 * @returns {SetState}
 */
function toState(set, row, running) {
  const { id, title, icons, files } = /** @type {ManifestSet | SetRow} */ (set ?? row);
  const size = files.reduce((sum, file) => sum + file.size, 0);
  const isStored = row !== undefined && row.files.length > 0;
  const common = {
    id,
    title,
    icons,
    size,
    fileCount: files.length,
    isStored,
    isPinned: row?.isPinned ?? false,
    isListed: set !== undefined,
  };
  if (running) {
    const { downloaded, downloadTotal } = running;
    const isPaused = workingCopy()?.isPaused(running) ?? false;
    return { ...common, state: isPaused ? 'paused' : 'fetching', downloaded, downloadTotal };
  }
  if (row?.failureReason) return { ...common, state: 'failed', failureReason: row.failureReason };
  if (!isStored) return { ...common, state: 'absent' };
  return { ...common, state: set && isOutdated(set, row) ? 'outdated' : 'stored' };
}

/**
 * @param {ManifestSet} set
 * @param {SetRow} row
 */
function isOutdated({ files }, row) {
  const stored = new Map(row.files.map((file) => [file.url, versionOf(file)]));
  return files.length !== stored.size || files.some((file) => stored.get(file.url) !== versionOf(file));
}

/** @param {BackgroundFetchManager} manager */
function isPolyfill(manager) {
  const { BackgroundFetchManager } = workingCopy()?.interfaces ?? {};
  return BackgroundFetchManager !== undefined && manager instanceof BackgroundFetchManager;
}

/** @returns {Promise<StorageEstimate>} */
async function estimate() {
  try {
    return await navigator.storage.estimate();
  } catch {
    return {};
  }
}
