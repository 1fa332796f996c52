import { Host } from './host.js';
import { knownWorker } from './known-workers.js';
import { isWindow } from './support.js';

export class PageHost extends Host {
  /**
   * Those of the origin, as far as they are known: a page that goes away cannot ask.
   *
   * @type {readonly ServiceWorkerRegistration[]}
   */
  #registrations = [];
  /**
   * Of what this page has run.
   *
   * @type {Set<string>}
   */
  #scopes = new Set();

  /** @override */
  get takesOver() {
    return isWindow();
  }

  /**
   * @override
   * @param {string} scope
   * @returns {Promise<Polyfill.WorkerState>}
   */
  async workerState(scope) {
    const registration = await this.#registrationOf(scope);
    if (!registration) return 'unregistered';
    return registration.active ? 'active' : 'waiting';
  }

  /**
   * The worker has to be there when the fetch ends: a page says early where it is not.
   *
   * @override
   * @param {string} scope
   */
  async runs(scope) {
    this.#scopes.add(scope);
    knownWorker(await this.#registrationOf(scope))?.askOnce();
  }

  /**
   * @override
   * @param {string} scope
   * @param {string} uid
   */
  async wakeWorker(scope, uid) {
    knownWorker(await this.#registrationOf(scope))?.deliver(uid);
  }

  /**
   * @override
   * @param {string} uid
   */
  progressed(uid) {
    for (const worker of this.#workers) worker.tellProgress(uid);
  }

  /**
   * If no other page goes on, the workers do.
   *
   * @override
   */
  handOver() {
    for (const worker of this.#workers) worker.run();
  }

  /** Those of what this page has run. */
  get #workers() {
    const registrations = this.#registrations.filter(({ scope }) => this.#scopes.has(scope));
    return registrations.map(knownWorker).filter((worker) => worker !== undefined);
  }

  /** @param {string} scope */
  async #registrationOf(scope) {
    this.#registrations = await navigator.serviceWorker.getRegistrations();
    return this.#registrations.find((registration) => registration.scope === scope);
  }
}
