import { CHANNEL, forgetEnded, keepEnded, noteShelf, tellShelves } from '../../js/ended-fetches.js';
import { clickMessage } from '../../js/messages.js';
import { workingCopy } from '../../js/working-copy.js';
import { readFetches, readFiles, readRequests } from './stored-fetches.js';

/** Rows are read this often at most. */
const INTERVAL_MS = 200;

/** @typedef {import('../entry.js').Entry} Entry */

/**
 * The background fetches of the polyfill, of all pages and workers of the origin: what is stored of them, read again when a
 * hint tells that it may have changed. A page without fetches starts no engine for it.
 */
export class PolyfillSource {
  /** @type {BroadcastChannel | undefined} */
  #channel;
  /** @type {Set<string>} */
  #changed = new Set();
  #timer = 0;
  #hasNoted = false;
  /** @type {(key: string, entry: Entry | undefined) => void} */
  #tell;
  /** They stop where no page is open. */
  isOfPages = true;

  /** @param {(key: string, entry: Entry | undefined) => void} tell undefined where it is gone */
  constructor(tell) {
    this.#tell = tell;
  }

  async open() {
    const channel = new BroadcastChannel(CHANNEL);
    this.#channel = channel;
    channel.onmessage = ({ data }) => {
      this.#hear(data?.uid);
      // A notification would tell nothing new.
      if (data?.kind === 'visible?' && !document.hidden) channel.postMessage({ kind: 'visible' });
    };
    const registrations = await navigator.serviceWorker.getRegistrations();
    const scopes = registrations.map(({ scope }) => scope);
    // After the channel is there: nothing is missed in between.
    const entries = await readFetches();
    const [known, left] = [true, false].map((isKnown) =>
      entries.filter(({ scope }) => scopes.includes(scope) === isKnown),
    );
    // Of a registration that is no more.
    const ended = left.filter(({ isDelivered }) => isDelivered);
    if (ended.length > 0) await forgetEnded(ended.map(({ key }) => key));
    if (!this.#channel) return;
    for (const entry of known) this.#tell(entry.key, entry);
    if (known.length > 0) await this.#note();
  }

  close() {
    this.#channel?.close();
    this.#channel = undefined;
    clearTimeout(this.#timer);
    this.#timer = 0;
  }

  /** @param {Entry} entry */
  async cancel(entry) {
    return (await registrationOf(entry))?.abort();
  }

  /** @param {Entry} entry */
  async pause(entry) {
    const registration = await registrationOf(entry);
    return registration ? workingCopy()?.pause(registration) : false;
  }

  /** @param {Entry} entry */
  async resume(entry) {
    const registration = await registrationOf(entry);
    return registration ? workingCopy()?.resume(registration) : false;
  }

  /**
   * A new fetch with the same requests and options.
   *
   * @param {Entry} entry
   */
  async retry(entry) {
    const { id, title, icons, downloadTotal } = entry;
    const requests = await readRequests(entry.key);
    const manager = await managerOf(entry);
    if (!manager) throw new TypeError('The page has no API to begin it with.');
    await manager.fetch(id, requests, { title, icons, downloadTotal });
    await this.dismiss([entry]);
  }

  /** @param {Entry[]} entries */
  async dismiss(entries) {
    const keys = entries.map(({ key }) => key);
    await forgetEnded(keys);
    for (const key of keys) this.#tell(key, undefined);
    tellShelves(keys);
  }

  /**
   * Fires `backgroundfetchclick` in the worker, and opens the windows that its handler asks for.
   *
   * @param {Entry} entry
   * @param {import('../click-activation.js').ClickActivation} activation
   */
  async click(entry, activation) {
    const worker = (await serviceWorkerOf(entry))?.active;
    if (!worker) throw new TypeError('There is no active service worker.');
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = async ({ data }) => {
      if (data.isOver) port1.close();
      else port1.postMessage(await (data.open ? activation.open(data.open) : activation.focus()));
    };
    const state = { isPaused: false, isWaiting: false, ...entry, recordsAvailable: !entry.isDelivered };
    worker.postMessage(clickMessage(entry.key, state), [port2]);
  }

  /**
   * @param {Entry} entry
   * @param {number} from
   * @param {number} count
   */
  async files({ key }, from, count) {
    return readFiles(key, from, count);
  }

  /** @param {unknown} uid anybody of the origin can post */
  #hear(uid) {
    if (typeof uid !== 'string') return;
    this.#changed.add(uid);
    this.#timer ||= setTimeout(() => this.#read().catch(reportFailure), INTERVAL_MS);
  }

  async #read() {
    const changed = Array.from(this.#changed).sort();
    this.#changed.clear();
    this.#timer = 0;
    // In one transaction, with those between them.
    const found = await readFetches(IDBKeyRange.bound(changed[0], changed.at(-1)));
    const entries = new Map(found.map((entry) => [entry.key, entry]));
    if (!this.#channel) return;
    for (const uid of changed) this.#tell(uid, entries.get(uid));
    await this.#note();
    await this.#keep(changed.map((uid) => entries.get(uid)));
  }

  /**
   * The worker did not know of the shelf yet, or is of an earlier version.
   *
   * @param {(Entry | undefined)[]} entries
   */
  async #keep(entries) {
    for (const entry of entries) {
      if (!entry?.isDelivered || entry.isKept) continue;
      await keepEnded(entry.key);
      this.#hear(entry.key);
    }
  }

  /** From the first fetch on, since there is no database before. */
  async #note() {
    if (this.#hasNoted) return;
    this.#hasNoted = true;
    await noteShelf().catch(() => {});
  }
}

/** @param {unknown} error */
function reportFailure(error) {
  console.error('background-fetch-shelf: the fetches cannot be read.', error);
}

/** @param {Entry} entry */
async function serviceWorkerOf({ scope }) {
  const registrations = await navigator.serviceWorker.getRegistrations();
  return registrations.find((registration) => registration.scope === scope);
}

/** @param {Entry} entry */
async function managerOf(entry) {
  return (await serviceWorkerOf(entry))?.backgroundFetch;
}

/** @param {Entry} entry */
async function registrationOf(entry) {
  return (await managerOf(entry))?.get(entry.id);
}
