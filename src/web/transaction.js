/**
 * What the engine asks of IndexedDB in one transaction is asked here, so that a row crosses into it once. As all of the engine's
 * JavaScript, it has no state but that of its objects: a realm may have one engine after another. wasm-bindgen
 * copies the files that it names in Rust, so they import no others.
 */

/**
 * - `fetches`: uid -> what any context may change of a fetch.
 * - `progress`: uid -> what only its runner changes, except `doubtedAt`: commands reset it from any realm.
 * - `requests`: [uid, index] -> a request with its body; never changed.
 * - `records`: [uid, index] -> the state of its response.
 * - `chunks`: [uid, index, offset] -> Blob or ArrayBuffer.
 * - `probes`: for finding out what can be stored; and when the database was last swept.
 * - `kept`: uid -> whatever; the chunks of this fetch are kept by the app when the fetch is deleted. Since version 6.
 *
 * In the order of `Table` in src/engine/ports.rs.
 */
export const TABLES = ['fetches', 'progress', 'requests', 'records', 'chunks', 'probes', 'kept'];
const [, , REQUESTS, RECORDS, CHUNKS] = TABLES;
/** Their keys are arrays that begin with the uid. Those of the others are uids. */
const WITH_PARTS = [REQUESTS, RECORDS, CHUNKS];
/** Index over the scope and id of fetches whose ids are taken. */
export const ACTIVE = 'active';
/** Index over the URLs of requests, since version 2. */
export const URLS = 'url';

/** Which rows are meant, in the order of `Keys` in src/engine/ports.rs. */
const [
  ALL,
  OF,
  RECORD,
  RECORDS_FROM,
  CHUNK,
  CHUNKS_FROM,
  CHUNKS_BEFORE,
  OF_ID,
  OF_URLS,
  BEHIND_FETCH,
  OF_SWEEP,
] = Array(11).keys();
/** The key of the row in `probes` that says when the database was last swept. */
const SWEPT_AT = 'sweptAt';
/** Instead of the number of rows that are read, the first of which come first: the last one alone. All are 0. */
const LAST = -1;

/**
 * Arrays sort after every string and number, and those that begin with one after those that begin with a string.
 * @type {IDBValidKey[]}
 */
const BEHIND_ALL = [];

/**
 * A read, and the requests that it takes.
 *
 * @typedef {{ table: string, kind: number, uid: string, limit: number, keys?: IDBRequest, rows?: IDBRequest }} Asked
 */

/** One that writes and is not completed is undone by `abort()`. The first failure is that of all. */
export class Transaction {
  #transaction;
  /** @type {Asked[]} */
  #asked = [];
  /** @type {unknown} */
  #failure;

  /** @param {IDBTransaction} transaction */
  constructor(transaction) {
    this.#transaction = transaction;
    // That of a request which failed; those behind it fail since the transaction is aborted.
    transaction.addEventListener('error', ({ target }) => {
      this.#failure ??= /** @type {IDBRequest} */ (target).error;
    });
  }

  /**
   * Asks for rows, whose answer `answers()` gives.
   *
   * @param {number} table
   * @param {number} kind
   * @param {string} uid
   * @param {number | string} first
   * @param {number | string} second
   * @param {number} limit
   */
  read(table, kind, uid, first, second, limit) {
    this.#do(table, kind, uid, first, second, (store, key) =>
      this.#asked.push({ table: store.name, kind, uid, limit, ...requestsFor(store, kind, key, limit) }),
    );
  }

  /**
   * What was asked for since the last call, one array for each read: of a uid, where the rows of all fetches were asked for,
   * the index, the offset and the row, one after the other. The transaction is active when it resolves.
   */
  async answers() {
    const asked = this.#asked;
    this.#asked = [];
    const last = asked.at(-1);
    if (last) await answered(last.rows ?? last.keys);
    if (this.#failure !== undefined) throw this.#failure;
    return asked.map(found);
  }

  /**
   * @param {number} table
   * @param {number} kind
   * @param {string} uid
   * @param {number} index
   * @param {number} offset
   * @param {unknown} value
   */
  put(table, kind, uid, index, offset, value) {
    this.#do(table, kind, uid, index, offset, (store, key) => store.put(value, key));
  }

  /**
   * @param {number} table
   * @param {number} kind
   * @param {string} uid
   * @param {number} index
   * @param {number} offset
   */
  delete(table, kind, uid, index, offset) {
    this.#do(table, kind, uid, index, offset, (store, key) => store.delete(key));
  }

  /**
   * Resolves when everything is stored. The transaction is left to end by itself: after a call of `commit()`, Firefox (153)
   * stores the rest of a transaction of which one request fails (web-platform-tests: IndexedDB/idb-explicit-commit.any.js).
   */
  async complete() {
    if (this.#failure !== undefined) {
      this.abort();
      throw this.#failure;
    }
    await completed(this.#transaction);
  }

  abort() {
    abort(this.#transaction);
  }

  /**
   * @param {number} table
   * @param {number} kind
   * @param {string} uid
   * @param {any} first
   * @param {any} second
   * @param {(store: IDBObjectStore, key: any) => void} work
   */
  #do(table, kind, uid, first, second, work) {
    try {
      const store = this.#transaction.objectStore(TABLES[table]);
      work(store, keyOf(store.name, kind, uid, first, second));
    } catch (error) {
      this.#failure ??= error;
    }
  }
}

/**
 * A key, a range of them, or a key of an index.
 *
 * @param {string} table
 * @param {number} kind
 * @param {string} uid
 * @param {any} first
 * @param {any} second
 */
function keyOf(table, kind, uid, first, second) {
  const hasParts = WITH_PARTS.includes(table);
  switch (kind) {
    case OF:
      return hasParts ? rangeBelow([uid]) : uid;
    case RECORD:
      return table === CHUNKS ? rangeBelow([uid, first]) : [uid, first];
    case RECORDS_FROM:
      return rangeBelow([uid], [first]);
    case CHUNK:
      return [uid, first, second];
    case CHUNKS_FROM:
      return rangeBelow([uid, first], [second]);
    case CHUNKS_BEFORE:
      return range([uid, first], [uid, first, second]);
    case OF_ID:
      return [uid, first];
    case OF_URLS:
      return range(first, second);
    case BEHIND_FETCH:
      // `first`: whether there is one.
      if (!hasParts) return range(uid, BEHIND_ALL, Boolean(first));
      return first ? range([uid, BEHIND_ALL], [BEHIND_ALL], true) : range([''], [BEHIND_ALL]);
    case OF_SWEEP:
      return SWEPT_AT;
    default:
      return undefined;
  }
}

/**
 * All keys that begin with these parts, and of which the next is not less than that of `first`.
 *
 * @param {(string | number)[]} parts
 * @param {number[]} [first]
 */
function rangeBelow(parts, first = []) {
  return range([...parts, ...first], [...parts, BEHIND_ALL]);
}

/**
 * Without `end`.
 *
 * @param {IDBValidKey} first
 * @param {IDBValidKey} end
 * @param {boolean} [isFirstLeftOut]
 */
function range(first, end, isFirstLeftOut = false) {
  return IDBKeyRange.bound(first, end, isFirstLeftOut, true);
}

/**
 * @param {IDBObjectStore} store
 * @param {number} kind
 * @param {any} key
 * @param {number} limit
 * @returns {{ keys?: IDBRequest, rows?: IDBRequest }}
 */
function requestsFor(store, kind, key, limit) {
  if (kind === OF_ID) return { rows: store.index(ACTIVE).get(key) };
  if (kind === OF_URLS) return { keys: store.index(URLS).getAllKeys(key) };
  if (kind === BEHIND_FETCH) return { keys: store.getAllKeys(key, 1) };
  if (limit === LAST) return { rows: store.openCursor(key, 'prev') };
  if (typeof key === 'string' || Array.isArray(key)) return { rows: store.get(key) };
  const count = limit || undefined;
  return { keys: store.getAllKeys(key, count), rows: store.getAll(key, count) };
}

/** @param {Asked} asked */
function found({ table, kind, uid, limit, keys, rows }) {
  const [allKeys, row] = [keys, rows].map((request) => request && resultOf(request));
  if (Array.isArray(allKeys)) {
    return allKeys.flatMap((key, at) => foundAt(table, kind, uid, key, row?.[at]));
  }
  if (limit === LAST) return row ? foundAt(table, kind, uid, row.key, row.value) : [];
  // The key is the one that was asked for.
  return row === undefined ? [] : [undefined, 0, 0, row];
}

/**
 * Nothing where the key is of another form, or of another fetch.
 *
 * @param {string} table
 * @param {number} kind
 * @param {string} uid
 * @param {any} key
 * @param {unknown} row
 */
function foundAt(table, kind, uid, key, row) {
  const hasParts = WITH_PARTS.includes(table);
  if (hasParts && !Array.isArray(key)) return [];
  const [of, index, offset] = hasParts ? key : [key];
  if (kind === ALL || kind === BEHIND_FETCH) return typeof of === 'string' ? [of, 0, 0, row] : [];
  if (!hasParts) return [undefined, 0, 0, row];
  const isOurs = of === uid && index === index >>> 0 && (table !== CHUNKS || typeof offset === 'number');
  return isOurs ? [undefined, index, table === CHUNKS ? offset : 0, row] : [];
}

/**
 * Resolves when a transaction is complete. WebKit (2.50) has no error in the transaction when a unique index refused a row,
 * so that of the request counts.
 *
 * @param {IDBTransaction} transaction
 * @returns {Promise<void>}
 */
export function completed(transaction) {
  return new Promise((resolve, reject) => {
    /** @param {any} event */
    const fail = ({ target: { error } }) =>
      reject(error ?? transaction.error ?? new DOMException('the transaction was aborted', 'AbortError'));
    transaction.oncomplete = () => resolve();
    transaction.onerror = fail;
    transaction.onabort = fail;
  });
}

/**
 * The transaction is still active when it resolves, for the reactions of promises run before the event's dispatch ends.
 *
 * @param {IDBRequest | undefined} request
 */
export function answered(request) {
  return new Promise((resolve) => {
    if (!request) return resolve(undefined);
    request.onsuccess = resolve;
    request.onerror = resolve;
    return undefined;
  });
}

/**
 * Of a request that is answered.
 *
 * @param {IDBRequest} request
 */
export function resultOf(request) {
  if (request.error) throw request.error;
  return request.result;
}

/** @param {IDBTransaction} transaction */
export function abort(transaction) {
  try {
    transaction.abort();
  } catch {
    // It has ended already.
  }
}
