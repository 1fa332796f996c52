/**
 * @typedef {object} Outcome what the worker reports about a background fetch that has ended
 * @property {string} id
 * @property {'stored' | 'failed' | 'aborted'} outcome
 * @property {string} reason the failureReason
 * @property {string[]} stored addresses that are in the cache now
 * @property {string[]} lost addresses that are not
 */

/** Passes the worker's reports on as they arrive. */
export class Outcomes {
  #listeners = new Set();

  constructor() {
    navigator.serviceWorker.addEventListener('message', ({ data }) => {
      if (data?.type !== 'background-fetch') return;
      for (const listener of [...this.#listeners]) listener(data);
    });
    navigator.serviceWorker.startMessages();
  }

  /** @param {(outcome: Outcome) => void} listener */
  listen(listener) {
    this.#listeners.add(listener);
  }

  /**
   * @param {string} id
   * @returns {{ promise: Promise<Outcome>, cancel: () => void }} the next report about this background fetch
   */
  next(id) {
    let cancel;
    const promise = new Promise((resolve) => {
      const listener = (outcome) => {
        if (outcome.id !== id) return;
        this.#listeners.delete(listener);
        resolve(outcome);
      };
      cancel = () => this.#listeners.delete(listener);
      this.#listeners.add(listener);
    });
    return { promise, cancel };
  }
}
