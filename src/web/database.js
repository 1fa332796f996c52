import { ACTIVE, TABLES, Transaction, URLS, abort, answered, completed, resultOf } from './transaction.js';

/** The engine's database, and its connection. */
const NAME = 'background-fetch';
/**
 * To be raised with every new store or index, and with every change of the rows that an earlier package cannot read: it
 * would drop them as none of ours.
 */
const VERSION = 6;

const [FETCHES, PROGRESS, REQUESTS, , , PROBES, KEPT] = TABLES;
/** The SHA-256 of a build's module in base64 -> its bytes, since version 3. src/js/stored-data.js reads and writes them. */
const ENGINES = 'engines';
/** What is shown of fetches that have ended; src/js/ended-fetches.js. */
const ENDED = 'ended';
/** The sets of files that an app has stored, and their files; src/storage-manager/file-store.js. */
const STORED = ['sets', 'files'];

/** The key of what is stored for a moment. */
const PROBE = 0;

/** Time after which the console is told that the database does not open. */
const LONG_MS = 10_000;
/** Private windows of WebKit never complete the request that stores a Blob, or abort its transaction. */
const LONGEST_PROBE_MS = 1000;

/** @param {string} message */
function report(message) {
  console.error(`background-fetch-polyfill: ${message}`);
}

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

/**
 * Creates or upgrades it if need be. Whoever opens it closes it when another version wants to open it.
 *
 * @returns {Promise<{ database: IDBDatabase, isNew: boolean }>}
 */
export async function openDatabase() {
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
    for (const table of TABLES.filter((name) => name !== KEPT)) database.createObjectStore(table);
    // Rows whose id is free have no key in it, and do not count.
    transaction?.objectStore(FETCHES).createIndex(ACTIVE, ACTIVE, { unique: true });
  }
  // What is there is indexed with it, and stays.
  if (oldVersion < 2) transaction?.objectStore(REQUESTS).createIndex(URLS, URLS);
  if (oldVersion < 3) database.createObjectStore(ENGINES);
  if (oldVersion < 5) database.createObjectStore(ENDED);
  if (oldVersion < 6) for (const store of [KEPT, ...STORED]) database.createObjectStore(store);
}
