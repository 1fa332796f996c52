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
  get adopts() {
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
   * @param {string} _scope
   */
  async runs(_scope) {}

  /**
   * What there is of the worker of this scope.
   *
   * @param {string} _scope
   * @returns {Promise<Polyfill.WorkerState>}
   */
  async workerState(_scope) {
    return 'waiting';
  }

  /**
   * Asks the active worker of this scope to deliver the event of a fetch. Only pages reach workers.
   *
   * @param {string} _scope
   * @param {string} _uid
   */
  async wakeWorker(_scope, _uid) {}

  /**
   * Dispatches an event. Resolves when it is handled. Rejects where no listener can have heard of it.
   *
   * @param {string} _type
   * @param {string} _uid
   * @param {Polyfill.State} _state
   * @returns {Promise<void>}
   */
  async dispatch(_type, _uid, _state) {
    throw new TypeError('Only a worker has these events.');
  }

  /** Whether the permission "background-fetch" is granted. */
  isPermitted() {
    return isPermitted(this.#options);
  }

  /**
   * Tells the console of something that nobody catches.
   *
   * @param {string} message
   */
  report(message) {
    console.error(`background-fetch-polyfill: ${message}`);
  }

  /** A fetch was begun or resumed here. Not called by the engine, as the next. */
  fetchBegun() {}

  /** Nothing is run here any more: others may go on. */
  handOver() {}
}
