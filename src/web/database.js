/**
 * The engine's database: what it asks of IndexedDB in one transaction is asked here, so that a row crosses into the engine
 * once. It has no state but that of its objects, for a realm may have one engine after another. wasm-bindgen copies this
 * file alone, so it imports nothing.
 */
const NAME = 'background-fetch';
/**
 * To be raised with every new store or index, and with every change of the rows that an earlier package cannot read: it
 * would drop them as none of ours.
 */
const VERSION = 4;

/**
 * - `fetches`: uid -> what any context may change of a fetch.
 * - `progress`: uid -> what only its runner changes, except `doubtedAt`: commands reset it from any realm.
 * - `requests`: [uid, index] -> a request with its body; never changed.
 * - `records`: [uid, index] -> the state of its response.
 * - `chunks`: [uid, index, offset] -> Blob or ArrayBuffer.
 * - `probes`: for finding out what can be stored; and when the database was last swept.
 *
 * In the order of `Table` in src/engine/ports.rs.
 */
const TABLES = ['fetches', 'progress', 'requests', 'records', 'chunks', 'probes'];
const [FETCHES, PROGRESS, REQUESTS, RECORDS, CHUNKS, PROBES] = TABLES;
/** Their keys are arrays that begin with the uid. Those of the others are uids. */
const WITH_PARTS = [REQUESTS, RECORDS, CHUNKS];
/** The SHA-256 of a build's module in base64 -> its bytes, since version 3. src/js/stored-data.js reads and writes them. */
const ENGINES = 'engines';

/** Index over the scope and id of fetches whose ids are taken. */
const ACTIVE = 'active';
/** Index over the URLs of requests, since version 2. */
const URLS = 'url';

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
/** The key of what is stored for a moment. */
const PROBE = 0;

/** Instead of the number of rows that are read, the first of which come first: the last one alone. All are 0. */
const LAST = -1;

/** Time after which the console is told that the database does not open. */
const LONG_MS = 10_000;
/** Private windows of WebKit never complete the request that stores a Blob, or abort its transaction. */
const LONGEST_PROBE_MS = 1000;

/**
 * Arrays sort after every string and number, and those that begin with one after those that begin with a string.
 * @type {IDBValidKey[]}
 */
const BEHIND_ALL = [];

/** @param {string} message */
function report(message) {
  console.error(`background-fetch-polyfill: ${message}`);
}

/**
 * A read, and the requests that it takes.
 *
 * @typedef {{ table: string, kind: number, uid: string, limit: number, keys?: IDBRequest, rows?: IDBRequest }} Asked
 */

/** The connection of one engine: opened when it is first needed, and again after it was given up or closed. */
export class Database {
  /** @type {IDBDatabase | undefined} */
  #opened;
  /** @type {ReturnType<typeof openDatabase> | undefined} */
  #opening;
  #hasOpened = false;
  #isSuspended = false;
  /**
   * The transactions that have not ended, and over what they are.
   * @type {Map<IDBTransaction, string>}
   */
  #underWay = new Map();
  /** Called when the database is gone, or may be. */
  onloss = () => {};

  get isOpen() {
    return this.#opened !== undefined;
  }

  /** Opens the database, and creates or upgrades it if need be. */
  async open() {
    this.#opening ??= openDatabase();
    const opening = this.#opening;
    try {
      const { database, isNew } = await opening;
      // Another call was quicker.
      if (this.#opened === database) return;
      if (opening !== this.#opening) {
        // Given up: it must hold nobody up.
        database.close();
        throw new DOMException('the connection was given up', 'AbortError');
      }
      this.#watch(database);
      this.#opened = database;
      // It is another than before.
      if (isNew && this.#hasOpened) this.onloss();
      this.#hasOpened = true;
    } finally {
      if (opening === this.#opening) this.#opening = undefined;
    }
  }

  /** @param {IDBDatabase} database */
  #watch(database) {
    /** @param {Event} event */
    const forget = (event) => {
      if (this.#opened === database) {
        this.#opened = undefined;
        // The other waits for them.
        this.abortAll();
      }
      database.close();
      // A newer version of the package keeps what is there.
      if (!(/** @type {IDBVersionChangeEvent} */ (event).newVersion)) this.onloss();
    };
    database.onversionchange = forget;
    database.onclose = forget;
  }

  /**
   * @param {Uint8Array} tables positions in `TABLES`
   * @param {boolean} writes
   */
  begin(tables, writes) {
    return new Transaction(
      this.#begin(
        Array.from(tables, (table) => TABLES[table]),
        writes,
      ),
    );
  }

  /**
   * A transaction that is under way when its page goes into the back/forward cache stays under way in WebKit (2.50) as long
   * as the page is kept there, and holds up every other page. In Firefox (153) it ends, and its events are lost
   * (https://github.com/w3c/IndexedDB/issues/381). So it is known, to be aborted then.
   *
   * @param {string[]} stores
   * @param {boolean} writes
   */
  #begin(stores, writes) {
    const database = this.#opened;
    if (!database || this.#isSuspended)
      throw new DOMException('the database is not open', 'InvalidStateError');
    const transaction = database.transaction(stores, writes ? 'readwrite' : 'readonly');
    this.#underWay.set(transaction, stores.join(', '));
    const end = () => this.#underWay.delete(transaction);
    transaction.addEventListener('complete', end);
    transaction.addEventListener('abort', end);
    return transaction;
  }

  /** The page goes into the back/forward cache, or is frozen. At once: what comes after an await may come too late. */
  suspend() {
    this.#isSuspended = true;
    this.abortAll();
  }

  resume() {
    this.#isSuspended = false;
  }

  abortAll() {
    for (const transaction of this.#underWay.keys()) abort(transaction);
    this.#underWay.clear();
  }

  /**
   * The next call opens another. With `aborts`, what is under way is undone.
   *
   * @param {boolean} aborts
   */
  giveUp(aborts) {
    const [stores] = this.#underWay.values();
    if (aborts && stores !== undefined) {
      report(
        `the database does not answer, and is opened anew. What waits longest is a transaction over ${stores}.`,
      );
    }
    if (aborts) this.abortAll();
    // Not closed, so that it can still tell that the database is deleted. It is closed then.
    this.#opened = undefined;
    // Another call may have begun to open it anew.
    if (aborts) this.#opening = undefined;
  }

  /** The engine is no more: what it has asked for in part must not be stored, and nobody is to wait for its connection. */
  abort() {
    this.onloss = () => {};
    this.abortAll();
    this.#opened?.close();
    this.#opened = undefined;
    this.#opening = undefined;
  }

  /**
   * Whether Blobs can be stored. Not in private windows of WebKit (2.50: UnknownError "Error preparing Blob/File data";
   * https://bugs.webkit.org/show_bug.cgi?id=156347), where an `ArrayBuffer` has to do.
   */
  async storesBlobs() {
    if (!this.isOpen) await this.open();
    // Over a store, too, that every other transaction writes to, so that none is open at the same time: Chromium (156) finds
    // the origin's databases damaged and deletes them when it was killed during two that write to different stores.
    const begin = () => this.#begin([PROBES, PROGRESS], true);
    const transaction = begin();
    try {
      transaction.objectStore(PROBES).put(new Blob(['probe']), PROBE);
    } catch {
      return false;
    }
    const isStored = await new Promise((resolve) => {
      completed(transaction).then(
        () => resolve(true),
        () => resolve(false),
      );
      setTimeout(resolve, LONGEST_PROBE_MS, false);
    });
    // Fails where it has ended.
    if (!isStored) abort(transaction);
    // In a transaction of its own: what is deleted where it was put may never be written.
    if (isStored && this.isOpen && !this.#isSuspended) begin().objectStore(PROBES).delete(PROBE);
    return isStored;
  }

  /**
   * Tells the console of a row that cannot be read, or belongs to no fetch.
   *
   * @param {number} table
   * @param {string} key
   */
  reportDropped(table, key) {
    report(`a row of '${TABLES[table]}' is none of ours, and is dropped: ${key}`);
  }
}

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

/** @returns {Promise<{ database: IDBDatabase, isNew: boolean }>} */
async function openDatabase() {
  const request = indexedDB.open(NAME, VERSION);
  let isNew = false;
  request.onupgradeneeded = (event) => {
    isNew = true;
    reportLoss(event);
    upgrade(request, event.oldVersion);
  };
  // Ours close their connections when another version wants to open it.
  request.onblocked = () => report("the database is kept open by another page's code.");
  // Behind a deletion, for which somebody does not close the connection, no event tells of it.
  const timer = setTimeout(
    () => report("the database does not open. Another page's code may hold it."),
    LONG_MS,
  );
  await answered(request);
  clearTimeout(timer);
  return { database: resultOf(request), isNew };
}

/**
 * Chromium deletes the databases of an origin that it finds damaged, and tells why
 * (https://bugs.chromium.org/p/chromium/issues/detail?id=146284, https://github.com/w3c/IndexedDB/issues/30).
 *
 * @param {any} upgrade
 */
function reportLoss({ dataLoss, dataLossMessage }) {
  if (dataLoss === 'total') report(`the browser has deleted its database: ${dataLossMessage}`);
}

/**
 * @param {IDBOpenDBRequest} request
 * @param {number} oldVersion
 */
function upgrade({ result: database, transaction }, oldVersion) {
  // Who looks for a database that is not there makes one without stores.
  if (!database.objectStoreNames.contains(FETCHES)) {
    for (const table of TABLES) database.createObjectStore(table);
    // Rows whose id is free have no key in it, and do not count.
    transaction?.objectStore(FETCHES).createIndex(ACTIVE, ACTIVE, { unique: true });
  }
  // What is there is indexed with it, and stays.
  if (oldVersion < 2) transaction?.objectStore(REQUESTS).createIndex(URLS, URLS);
  if (oldVersion < 3) database.createObjectStore(ENGINES);
}

/**
 * Resolves when a transaction is complete. WebKit (2.50) has no error in the transaction when a unique index refused a row,
 * so that of the request counts.
 *
 * @param {IDBTransaction} transaction
 * @returns {Promise<void>}
 */
function completed(transaction) {
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
function answered(request) {
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
function resultOf(request) {
  if (request.error) throw request.error;
  return request.result;
}

/** @param {IDBTransaction} transaction */
function abort(transaction) {
  try {
    transaction.abort();
  } catch {
    // It has ended already.
  }
}
