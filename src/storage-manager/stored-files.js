import { CHUNKS, FILES, KEPT, PROGRESS, RECORDS, REQUESTS, SETS, resultOf } from '../js/existing-database.js';
import { openDatabase } from '../web/database.js';
import { headOf } from './stored-head.js';

/**
 * The files that are kept, in the engine's database: a fetch's chunks change their owner in one transaction, and no byte is copied.
 * Every transaction that writes has `progress`, as the engine's have.
 *
 * A set, key [scope, id]:
 *
 * @typedef {object} SetRow
 * @property {string} id
 * @property {string} title
 * @property {import('../types/manifest.js').ManifestIcon[]} icons
 * @property {import('../types/manifest.js').ManifestFile[]} files as the manifest had them; none of a set that was never complete
 * @property {number} storedAt
 * @property {number} usedAt
 * @property {boolean} isPinned
 * @property {import('../types/manifest.js').ManifestSet} [pending] the version that is being fetched, or was to be
 * @property {BackgroundFetchFailureReason} [failureReason] of the last attempt to fetch it
 *
 * The text of the manifest, key scope, is among the sets.
 *
 * A file, key [scope, URL]:
 *
 * @typedef {object} FileRow
 * @property {string} url
 * @property {string} uid of the fetch whose chunks it has
 * @property {number} index
 * @property {number} size
 * @property {string} version of the manifest
 * @property {[string, string][]} headers of its answers
 * @property {string} etag
 * @property {string | undefined} lastModified
 * @property {string[]} sets ids of those it belongs to
 *
 * @typedef {{ offset: number, bytes: Blob | ArrayBuffer }} Chunk
 */

/** Behind every string. */
const BEHIND_STRINGS = /** @type {IDBValidKey} */ ([]);

/** The files and sets of one service worker's scope. */
export class StoredFiles {
  #scope;
  /** @type {Promise<IDBDatabase> | undefined} */
  #opening;

  /** @param {string} scope */
  constructor(scope) {
    this.#scope = scope;
  }

  /** @returns {Promise<SetRow[]>} */
  sets() {
    return this.#run([SETS], 'readonly', (transaction) =>
      resultOf(transaction.objectStore(SETS).getAll(this.#all())),
    );
  }

  /** @returns {Promise<FileRow[]>} */
  files() {
    return this.#run([FILES], 'readonly', (transaction) =>
      resultOf(transaction.objectStore(FILES).getAll(this.#all())),
    );
  }

  /** @returns {Promise<string[]>} */
  async urls() {
    const keys = await this.#run([FILES], 'readonly', (transaction) =>
      resultOf(transaction.objectStore(FILES).getAllKeys(this.#all())),
    );
    return keys.map((key) => /** @type {string[]} */ (key)[1]);
  }

  /** @returns {Promise<string | undefined>} */
  manifest() {
    return this.#run([SETS], 'readonly', (transaction) =>
      resultOf(transaction.objectStore(SETS).get(this.#scope)),
    );
  }

  /** @param {string} text */
  putManifest(text) {
    return this.#run([SETS, PROGRESS], 'readwrite', async (transaction) => {
      const store = transaction.objectStore(SETS);
      if ((await resultOf(store.get(this.#scope))) !== text) store.put(text, this.#scope);
    });
  }

  /**
   * @param {string} url
   * @returns {Promise<FileRow | undefined>}
   */
  file(url) {
    return this.#run([FILES], 'readonly', (transaction) =>
      resultOf(transaction.objectStore(FILES).get(this.#key(url))),
    );
  }

  /**
   * The chunks that have bytes of a range, in their order.
   *
   * @param {Pick<FileRow, 'uid' | 'index'>} file
   * @param {number} start
   * @param {number} end
   * @returns {Promise<Chunk[]>}
   */
  chunks({ uid, index }, start, end) {
    return this.#run([CHUNKS], 'readonly', async (transaction) => {
      const store = transaction.objectStore(CHUNKS);
      const upToStart = IDBKeyRange.bound([uid, index], [uid, index, start]);
      const first = await resultOf(store.openKeyCursor(upToStart, 'prev'));
      if (!first) return [];
      const range = IDBKeyRange.bound(first.key, [uid, index, end], false, true);
      const [keys, values] = await Promise.all([
        resultOf(store.getAllKeys(range)),
        resultOf(store.getAll(range)),
      ]);
      return keys.map((key, at) => ({
        offset: /** @type {[string, number, number]} */ (key)[2],
        bytes: values[at],
      }));
    });
  }

  /**
   * @param {string} id
   * @returns {Promise<SetRow | undefined>}
   */
  set(id) {
    return this.#run([SETS], 'readonly', (transaction) =>
      resultOf(transaction.objectStore(SETS).get(this.#key(id))),
    );
  }

  /**
   * A version of a set is about to be fetched.
   *
   * @param {import('../types/manifest.js').ManifestSet} set
   */
  begin(set) {
    const { id, title, icons } = set;
    return this.#run([SETS, PROGRESS], 'readwrite', async (transaction) => {
      const store = transaction.objectStore(SETS);
      /** @type {SetRow | undefined} */
      const row = await resultOf(store.get(this.#key(id)));
      const empty = { id, title, icons, files: [], storedAt: 0, usedAt: 0, isPinned: false };
      store.put({ ...(row ?? empty), pending: set, failureReason: undefined }, this.#key(id));
    });
  }

  /**
   * Keeps the files of a fetch, whose rows are there still: this version of the set takes the place of the one before. The
   * files that did not change belong to it already. What no set has any more is deleted. A second call with the same changes
   * nothing.
   *
   * @param {string} uid
   * @param {import('../types/manifest.js').ManifestSet} set
   */
  keep(uid, set) {
    const stores = [REQUESTS, RECORDS, CHUNKS, KEPT, FILES, SETS, PROGRESS];
    return this.#run(stores, 'readwrite', async (transaction) => {
      const ofFetch = IDBKeyRange.bound([uid], [uid, BEHIND_STRINGS]);
      const [requests, keys, records] = await Promise.all([
        resultOf(transaction.objectStore(REQUESTS).getAll(ofFetch)),
        resultOf(transaction.objectStore(RECORDS).getAllKeys(ofFetch)),
        resultOf(transaction.objectStore(RECORDS).getAll(ofFetch)),
      ]);
      /** @type {Map<string, Fetched>} */
      const fetched = new Map();
      for (const [at, key] of keys.entries()) {
        const index = /** @type {[string, number]} */ (key)[1];
        const { length, response } = records[at];
        const url = withoutFragment(requests[index].url);
        fetched.set(url, { uid, index, size: length, headers: response.headers });
      }
      await this.#replace(transaction, set, fetched);
    });
  }

  /**
   * The same of a set whose files are stored already, or were written by `addChunk()`.
   *
   * @param {import('../types/manifest.js').ManifestSet} set
   * @param {Map<string, Fetched>} fetched by URL
   */
  replace(set, fetched = new Map()) {
    return this.#run([CHUNKS, KEPT, FILES, SETS, PROGRESS], 'readwrite', (transaction) =>
      this.#replace(transaction, set, fetched),
    );
  }

  /**
   * @param {string} uid
   * @param {number} index
   * @param {number} offset
   * @param {Blob | ArrayBuffer} bytes
   */
  addChunk(uid, index, offset, bytes) {
    return this.#run([CHUNKS, KEPT, PROGRESS], 'readwrite', async (transaction) => {
      // Or a sweep would take it for a stray.
      transaction.objectStore(KEPT).put({ scope: this.#scope, count: 0 }, uid);
      transaction.objectStore(CHUNKS).put(bytes, [uid, index, offset]);
    });
  }

  /** Deletes the chunks that `addChunk()` wrote for files that were never kept: their worker died meanwhile. */
  deleteUnkept() {
    return this.#run([CHUNKS, KEPT, PROGRESS], 'readwrite', async (transaction) => {
      const store = transaction.objectStore(KEPT);
      const [uids, rows] = await Promise.all([resultOf(store.getAllKeys()), resultOf(store.getAll())]);
      for (const [at, uid] of uids.entries()) {
        const { scope, count } = rows[at];
        if (scope !== this.#scope || count > 0) continue;
        store.delete(uid);
        transaction.objectStore(CHUNKS).delete(IDBKeyRange.bound([uid], [uid, BEHIND_STRINGS]));
      }
    });
  }

  /**
   * Deletes a set, and the files that no other set has. Gives whether there was one.
   *
   * @param {string} id
   */
  remove(id) {
    return this.#run([CHUNKS, KEPT, FILES, SETS, PROGRESS], 'readwrite', async (transaction) => {
      const sets = transaction.objectStore(SETS);
      /** @type {SetRow | undefined} */
      const row = await resultOf(sets.get(this.#key(id)));
      if (!row) return false;
      await this.#release(transaction, id, row.files);
      sets.delete(this.#key(id));
      return true;
    });
  }

  /**
   * Changes what is said of a set, but not its files. Gives whether there is one.
   *
   * @param {string} id
   * @param {Partial<Pick<SetRow, 'usedAt' | 'isPinned' | 'failureReason'>>} change
   */
  change(id, change) {
    return this.#run([SETS, PROGRESS], 'readwrite', async (transaction) => {
      const store = transaction.objectStore(SETS);
      const row = await resultOf(store.get(this.#key(id)));
      if (row) store.put({ ...row, ...change }, this.#key(id));
      return row !== undefined;
    });
  }

  /**
   * @param {IDBTransaction} transaction
   * @param {import('../types/manifest.js').ManifestSet} set
   * @param {Map<string, Fetched>} fetched
   */
  async #replace(transaction, { id, title, icons, files }, fetched) {
    const [sets, rows, kept] = [SETS, FILES, KEPT].map((name) => transaction.objectStore(name));
    /** @type {[SetRow | undefined, ...(FileRow | undefined)[]]} */
    const [before, ...stored] = await Promise.all([
      resultOf(sets.get(this.#key(id))),
      ...files.map(({ url }) => resultOf(rows.get(this.#key(url)))),
    ]);
    /** @type {Map<string, number>} */
    const counts = new Map();
    for (const [at, file] of files.entries()) {
      const [old, found] = [stored[at], fetched.get(file.url)];
      const ids = [...new Set([...(old?.sets ?? []), id])];
      if (!found) {
        if (!old) throw new DOMException(`${file.url} was not fetched`, 'NotFoundError');
        rows.put({ ...old, sets: ids }, this.#key(file.url));
        continue;
      }
      const { uid, index, size } = found;
      const head = headOf(found.headers, file.type, `"${uid}-${index}"`);
      const row = { url: file.url, uid, index, size, version: versionOf(file), sets: ids, ...head };
      rows.put(row, this.#key(file.url));
      const isSame = old?.uid === uid && old.index === index;
      if (old && !isSame) await this.#deleteChunks(transaction, old);
      counts.set(uid, (counts.get(uid) ?? 0) + 1);
    }
    for (const [uid, count] of counts) kept.put({ scope: this.#scope, count }, uid);
    const urls = new Set(files.map(({ url }) => url));
    const gone = (before?.files ?? []).filter(({ url }) => !urls.has(url));
    await this.#release(transaction, id, gone);
    const now = Date.now();
    const isPinned = before?.isPinned ?? false;
    sets.put({ id, title, icons, files, storedAt: now, usedAt: now, isPinned }, this.#key(id));
  }

  /**
   * These files belong to a set no more.
   *
   * @param {IDBTransaction} transaction
   * @param {string} id
   * @param {{ url: string }[]} files
   */
  async #release(transaction, id, files) {
    const store = transaction.objectStore(FILES);
    const rows = await Promise.all(files.map(({ url }) => resultOf(store.get(this.#key(url)))));
    for (const row of rows) {
      if (!row) continue;
      const sets = row.sets.filter((/** @type {string} */ other) => other !== id);
      if (sets.length > 0) {
        store.put({ ...row, sets }, this.#key(row.url));
      } else {
        store.delete(this.#key(row.url));
        await this.#deleteChunks(transaction, row);
      }
    }
  }

  /**
   * @param {IDBTransaction} transaction
   * @param {FileRow} file
   */
  async #deleteChunks(transaction, { uid, index }) {
    const range = IDBKeyRange.bound([uid, index], [uid, index, BEHIND_STRINGS]);
    transaction.objectStore(CHUNKS).delete(range);
    const store = transaction.objectStore(KEPT);
    const row = await resultOf(store.get(uid));
    if (row?.count > 1) store.put({ ...row, count: row.count - 1 }, uid);
    else store.delete(uid);
  }

  #all() {
    return IDBKeyRange.bound([this.#scope], [this.#scope, BEHIND_STRINGS]);
  }

  /** @param {string} name */
  #key(name) {
    return [this.#scope, name];
  }

  /**
   * What `work` gives, once the transaction is complete.
   *
   * @template T
   * @param {string[]} stores
   * @param {IDBTransactionMode} mode
   * @param {(transaction: IDBTransaction) => Promise<T>} work
   * @returns {Promise<T>}
   */
  async #run(stores, mode, work) {
    const transaction = await this.#begin(stores, mode);
    const complete = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error ?? new DOMException('', 'AbortError'));
    });
    // It may be rejected before it is waited for.
    complete.catch(() => {});
    try {
      const result = await work(transaction);
      await complete;
      return result;
    } catch (error) {
      abort(transaction);
      throw error;
    }
  }

  /**
   * @param {string[]} stores
   * @param {IDBTransactionMode} mode
   */
  async #begin(stores, mode) {
    const database = await this.#database();
    try {
      return database.transaction(stores, mode);
    } catch {
      // WebKit ends connections while their context lives, and a new one works (https://bugs.webkit.org/show_bug.cgi?id=197050).
      this.#forget(database);
      return (await this.#database()).transaction(stores, mode);
    }
  }

  #database() {
    this.#opening ??= openDatabase().then(
      ({ database }) => {
        database.onversionchange = () => this.#forget(database);
        database.onclose = () => this.#forget(database);
        return database;
      },
      (error) => {
        this.#opening = undefined;
        throw error;
      },
    );
    return this.#opening;
  }

  /** @param {IDBDatabase} database */
  #forget(database) {
    this.#opening = undefined;
    database.close();
  }
}

/**
 * A file as it was fetched: whose chunks it has, its size, and the headers of its response, in lines.
 *
 * @typedef {{ uid: string, index: number, size: number, headers: string }} Fetched
 */

/**
 * Two files with the same are the same.
 *
 * @param {Pick<import('../types/manifest.js').ManifestFile, 'integrity' | 'size'>} file
 */
export function versionOf({ integrity, size }) {
  return integrity ?? String(size);
}

/** @param {string} url */
function withoutFragment(url) {
  return url.split('#', 1)[0];
}

/** @param {IDBTransaction} transaction */
function abort(transaction) {
  try {
    transaction.abort();
  } catch {
    // It has ended already.
  }
}
