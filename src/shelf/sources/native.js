/** Browsers tell no page of a fetch that another began: it is asked for this often. */
const INTERVAL_MS = 1000;

/** @typedef {import('../entry.js').Entry} Entry */

/**
 * The background fetches of a browser that has the API: those that pages can find. They have no title, and cannot be paused, and what
 * has ended is shown where this page has seen it running.
 */
export class NativeSource {
  /** @type {Map<string, { registration: BackgroundFetchRegistration, entry: Entry, handle: () => void }>} */
  #known = new Map();
  #timer = 0;
  #isOpen = false;
  #count = 0;
  #tell;
  isOfPages = false;

  /** @param {(key: string, entry: Entry | undefined) => void} tell undefined where it is gone */
  constructor(tell) {
    this.#tell = tell;
  }

  async open() {
    this.#isOpen = true;
    await this.#look();
  }

  close() {
    this.#isOpen = false;
    clearTimeout(this.#timer);
    for (const { registration, handle } of this.#known.values())
      registration.removeEventListener('progress', handle);
    this.#known.clear();
  }

  /** @param {Entry} entry */
  async cancel({ key }) {
    return this.#known.get(key)?.registration.abort();
  }

  /** @param {Entry[]} entries */
  async dismiss(entries) {
    for (const { key } of entries) {
      this.#known.delete(key);
      this.#tell(key, undefined);
    }
  }

  async #look() {
    if (!document.hidden) {
      const registrations = await navigator.serviceWorker.getRegistrations();
      await Promise.all(registrations.map((each) => this.#lookAt(each)));
    }
    if (this.#isOpen) this.#timer = setTimeout(() => this.#look(), INTERVAL_MS);
  }

  /** @param {ServiceWorkerRegistration} serviceWorker */
  async #lookAt({ scope, backgroundFetch }) {
    for (const id of await backgroundFetch.getIds()) {
      const found = Array.from(this.#known.values(), ({ entry }) => entry);
      const isKnown = found.some((entry) => entry.scope === scope && entry.id === id && entry.result === '');
      const registration = isKnown ? undefined : await backgroundFetch.get(id);
      if (registration && this.#isOpen) this.#add(scope, registration);
    }
  }

  /**
   * @param {string} scope
   * @param {BackgroundFetchRegistration} registration
   */
  #add(scope, registration) {
    const key = `${scope} ${registration.id} ${(this.#count += 1)}`;
    const created = Date.now();
    const handle = () => {
      const known = this.#known.get(key);
      if (!known) return;
      known.entry = toEntry(key, scope, created, registration);
      this.#tell(key, known.entry);
    };
    registration.addEventListener('progress', handle);
    this.#known.set(key, { registration, entry: toEntry(key, scope, created, registration), handle });
    handle();
  }
}

/**
 * @param {string} key
 * @param {string} scope
 * @param {number} created
 * @param {BackgroundFetchRegistration} registration
 * @returns {Entry}
 */
function toEntry(key, scope, created, registration) {
  const { id, result, failureReason, downloaded, downloadTotal, uploaded, uploadTotal } = registration;
  const amounts = { downloaded, downloadTotal, uploaded, uploadTotal };
  const isDelivered = result !== '';
  return { key, scope, id, title: id, created, result, failureReason, ...amounts, isDelivered };
}
