/* eslint no-unused-vars: ['error', { args: 'none' }] -- They are named for those who override. */

import { isPermitted } from './permissions.js';

/**
 * What a page or a worker does in its own way, for the engine and for `Realm`. The engine calls these functions by their
 * names (src/web/host.rs). What is said here of a function holds where page and worker do not say more.
 */
export class Host {
  /** @type {Polyfill.Options} */
  #options;

  /** @param {Polyfill.Options} options */
  constructor(options) {
    this.#options = options;
  }

  /**
   * The scope of the worker that this is.
   *
   * @returns {string | undefined}
   */
  get scope() {
    return undefined;
  }

  /** Whether fetches that others began are run here. */
  get takesOver() {
    return false;
  }

  /**
   * Shows a state in the registration object with this uid, if there is one. `Realm` sets it.
   *
   * @type {(uid: string, state: Polyfill.State, firesProgress: boolean) => void}
   */
  updateInstance = () => {};

  /**
   * The engine begins to run a fetch of this scope.
   *
   * @param {string} scope
   */
  async runs(scope) {}

  /**
   * What there is of the worker of this scope.
   *
   * @param {string} scope
   * @returns {Promise<Polyfill.WorkerState>}
   */
  async workerState(scope) {
    return 'waiting';
  }

  /**
   * Asks the active worker of this scope to deliver the event of a fetch. Only pages reach workers.
   *
   * @param {string} scope
   * @param {string} uid
   */
  async wakeWorker(scope, uid) {}

  /**
   * Dispatches an event. Resolves when it is handled. Rejects where no listener can have heard of it.
   *
   * @param {string} type
   * @param {string} uid
   * @param {Polyfill.State} state
   * @returns {Promise<void>}
   */
  async dispatch(type, uid, state) {
    throw new TypeError('Only a worker has these events.');
  }

  /**
   * A fetch of this realm may have come further. Called by the facade, not by the engine.
   *
   * @param {string} uid
   */
  progressed(uid) {}

  /** Whether the permission "background-fetch" is granted. */
  isPermitted() {
    return isPermitted(this.#options);
  }

  /** A fetch was begun or resumed here. Called by the facade, not by the engine, as is `handOver()`. */
  fetchBegun() {}

  /** Nothing is run here any more: others may go on. */
  handOver() {}
}
