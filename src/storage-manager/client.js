/** Entry point `background-fetch-polyfill/storage-manager`, for pages. */
import { answerWorker } from './begin-fetch.js';
import { CHANNEL, ENDPOINT, PREFIX } from './names.js';
import { saveStoredFile } from './save-to-disk.js';

/**
 * @typedef {import('../types/storage-manager.js').SetState} SetState
 * @typedef {import('../types/storage-manager.js').Snapshot} Snapshot
 */

/** A worker that has just been activated may take over the page. */
const LONGEST_WAIT_MS = 10_000;

/** What the worker could not do: the members of its problem, as RFC 9457 has them. */
export class StorageManagerError extends Error {
  name = 'StorageManagerError';

  /** @param {{ status: number, detail: string, [member: string]: unknown }} problem */
  constructor(problem) {
    super(problem.detail);
    Object.assign(this, problem);
  }
}

/** What a page asks of the storage manager in its worker. */
export class StorageManager {
  #endpoint;
  /** @type {Set<() => void>} */
  #listeners = new Set();
  /** @type {Snapshot | undefined} */
  #snapshot;
  /** @type {BroadcastChannel | undefined} */
  #channel;
  /**
   * The fetches whose progress is listened to, by the ids of their sets.
   * @type {Map<string, BackgroundFetchRegistration>}
   */
  #running = new Map();

  /** @param {{ endpoint?: string }} [options] */
  constructor({ endpoint = ENDPOINT } = {}) {
    this.#endpoint = new URL(endpoint, location.href).href;
    answerWorker();
  }

  /** @returns {Promise<Snapshot>} */
  list() {
    return this.#ask('GET');
  }

  /**
   * @param {string} id
   * @returns {Promise<SetState>}
   */
  store(id) {
    return this.#ask('POST', { id });
  }

  /** @param {string} id */
  async remove(id) {
    await this.#ask('DELETE', { id });
  }

  /**
   * Aborts what is being fetched of a set. What is stored of it stays.
   *
   * @param {string} id
   */
  async cancel(id) {
    const { backgroundFetch } = await navigator.serviceWorker.ready;
    await (await backgroundFetch?.get(PREFIX + id))?.abort();
  }

  async clear() {
    await this.#ask('DELETE', {});
  }

  /** @param {string} id */
  async pause(id) {
    await this.#ask('PATCH', { id, paused: true });
  }

  /** @param {string} id */
  async resume(id) {
    await this.#ask('PATCH', { id, paused: false });
  }

  /**
   * @param {string} id
   * @param {boolean} [isPinned]
   */
  async pin(id, isPinned = true) {
    await this.#ask('PATCH', { id, pinned: isPinned });
  }

  /** Asks the browser not to delete what is stored when room gets short. Gives whether it promises that. */
  async persist() {
    return (await navigator.storage?.persist?.()) ?? false;
  }

  /**
   * Gives a stored file to the user. To be called within a click.
   *
   * @param {string} url
   * @param {{ name?: string }} [options]
   */
  saveToDisk(url, options) {
    return saveStoredFile(this.#endpoint, new URL(url, location.href).href, options);
  }

  /**
   * Calls the function after every change of the snapshot, until the function that is given is called. With
   * `getSnapshot()`, as `useSyncExternalStore` wants them.
   *
   * @param {() => void} listener
   */
  subscribe = (listener) => {
    this.#listeners.add(listener);
    if (!this.#channel) {
      this.#channel = new BroadcastChannel(CHANNEL);
      this.#channel.onmessage = ({ data }) => data === this.#endpoint && this.#read();
      this.#read();
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stop();
    };
  };

  /** Asks the worker again, for those who have subscribed. They are told; it never rejects. */
  refresh() {
    return this.#read();
  }

  /** The sets as they are known; undefined before the first answer. The same object until something changes. */
  getSnapshot = () => this.#snapshot;

  #stop() {
    this.#channel?.close();
    this.#channel = undefined;
    for (const registration of this.#running.values()) registration.onprogress = null;
    this.#running.clear();
  }

  async #read() {
    try {
      this.#show(await this.list());
    } catch (error) {
      this.#show({ ...(this.#snapshot ?? { sets: [], storage: { stored: 0 } }), error });
    }
    await this.#watch();
  }

  /** @param {Snapshot} snapshot */
  #show(snapshot) {
    if (!this.#channel) return;
    this.#snapshot = snapshot;
    for (const listener of this.#listeners) listener();
  }

  /** Progress comes from the registrations, and not by asking the worker again. */
  async #watch() {
    const { backgroundFetch } = await navigator.serviceWorker.ready;
    const ids = this.#snapshot?.sets.filter(({ downloadTotal }) => downloadTotal).map(({ id }) => id) ?? [];
    for (const id of ids) {
      if (this.#running.has(id) || !backgroundFetch) continue;
      const registration = await backgroundFetch.get(PREFIX + id);
      if (!registration || !this.#channel) continue;
      this.#running.set(id, registration);
      registration.onprogress = () => this.#handleProgress(id, registration);
    }
  }

  /**
   * @param {string} id
   * @param {BackgroundFetchRegistration} registration
   */
  #handleProgress(id, registration) {
    const { downloaded, result } = registration;
    if (result !== '') {
      registration.onprogress = null;
      this.#running.delete(id);
    }
    if (!this.#snapshot) return;
    const sets = this.#snapshot.sets.map((set) => (set.id === id ? { ...set, downloaded } : set));
    this.#show({ ...this.#snapshot, sets });
  }

  /**
   * @param {string} method
   * @param {object} [body]
   */
  async #ask(method, body) {
    await controlled();
    const headers = { 'content-type': 'application/json' };
    const init = body ? { method, headers, body: JSON.stringify(body) } : {};
    const response = await fetch(this.#endpoint, init);
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    const answer = isJson ? await response.json() : undefined;
    if (response.ok && answer) return answer;
    const detail = `${this.#endpoint} is not answered by a storage manager`;
    throw new StorageManagerError(answer?.detail ? answer : { status: response.status, detail });
  }
}

/** The endpoint is a worker's, and answers the pages that it controls. */
async function controlled() {
  const { serviceWorker } = navigator;
  if (serviceWorker.controller) return;
  await new Promise((resolve) => {
    const timer = setTimeout(end, LONGEST_WAIT_MS);
    serviceWorker.addEventListener('controllerchange', end);
    function end() {
      clearTimeout(timer);
      serviceWorker.removeEventListener('controllerchange', end);
      resolve(undefined);
    }
  });
  if (serviceWorker.controller) return;
  const detail =
    'no service worker controls this page: let the worker call clients.claim(), or reload the page';
  throw new StorageManagerError({ status: 0, detail });
}
