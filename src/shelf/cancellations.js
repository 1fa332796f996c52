/** For so long a cancelled fetch can be had back. */
const UNDO_MS = 5000;

/** @typedef {import('./entry.js').Entry} Entry */

/** Fetches that are cancelled, and stand still until nobody has taken that back. */
export class Cancellations {
  /** @type {Map<string, { entry: Entry, timer: number, source: any }>} */
  #pending = new Map();
  #handleChange;

  /** @param {(key: string) => void} handleChange */
  constructor(handleChange) {
    this.#handleChange = handleChange;
    this.complete = this.complete.bind(this);
  }

  /** @param {string} key */
  has(key) {
    return this.#pending.has(key);
  }

  /**
   * @param {Entry} entry
   * @param {any} source
   */
  begin(entry, source) {
    const timer = setTimeout(() => this.#complete(entry.key), UNDO_MS);
    this.#pending.set(entry.key, { entry, timer, source });
    if (this.#pending.size === 1) addEventListener('pagehide', this.complete);
    this.#handleChange(entry.key);
    if (entry.canPause && !entry.isPaused) source.pause(entry).catch(() => {});
  }

  /** @param {string} key */
  undo(key) {
    const pending = this.#remove(key);
    if (!pending) return;
    const { entry, source } = pending;
    if (entry.canPause && !entry.isPaused) source.resume(entry).catch(() => {});
    this.#handleChange(key);
  }

  /** The page goes away, or the shelf does: nobody can take it back. */
  complete() {
    for (const key of this.#pending.keys()) this.#complete(key);
  }

  /** @param {string} key */
  #complete(key) {
    const pending = this.#remove(key);
    if (!pending) return;
    pending.source.cancel(pending.entry).catch(() => {});
    this.#handleChange(key);
  }

  /** @param {string} key */
  #remove(key) {
    const pending = this.#pending.get(key);
    clearTimeout(pending?.timer);
    this.#pending.delete(key);
    if (this.#pending.size === 0) removeEventListener('pagehide', this.complete);
    return pending;
  }
}
