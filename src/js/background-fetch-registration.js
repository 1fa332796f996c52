import { toCacheQueryOptions, toRequestInfo } from './conversions.js';
import { eventHandler, setEventHandler } from './event-handler.js';
import { internal, requireArguments, requireInternal, shapeInterfaces } from './web-idl.js';

/** @type {(value: any) => value is BackgroundFetchRegistration} */
let isRegistration;
/** @type {(registration: BackgroundFetchRegistration, state: Polyfill.State) => void} */
let showState;
/** @type {(value: unknown) => { realm: import('./realm.js').Realm, uid: string, state: Polyfill.State }} */
let internalsOf;

/**
 * https://wicg.github.io/background-fetch/#background-fetch-registration. The attributes are a snapshot, which the
 * engine replaces.
 */
export class BackgroundFetchRegistration extends EventTarget {
  /** @type {import('./realm.js').Realm} */
  #realm;
  /** @type {string} */
  #uid;
  /** @type {Polyfill.State} */
  #state;

  /** @param {any[]} args */
  constructor(...args) {
    requireInternal(args[0]);
    super();
    [, this.#realm, this.#uid, this.#state] = args;
  }

  get id() {
    return this.#state.id;
  }

  get uploadTotal() {
    return this.#state.uploadTotal;
  }

  get uploaded() {
    return this.#state.uploaded;
  }

  get downloadTotal() {
    return this.#state.downloadTotal;
  }

  get downloaded() {
    return this.#state.downloaded;
  }

  get result() {
    return this.#state.result;
  }

  get failureReason() {
    return this.#state.failureReason;
  }

  get recordsAvailable() {
    return this.#state.recordsAvailable;
  }

  get onprogress() {
    requireRegistration(this);
    return eventHandler(this, 'progress');
  }

  set onprogress(value) {
    requireRegistration(this);
    setEventHandler(this, 'progress', value);
  }

  async abort() {
    return this.#realm.command(this.#uid, 'abort');
  }

  /**
   * @param {unknown} request
   * @param {unknown} options
   */
  async match(request, options = {}) {
    const realm = this.#realm;
    requireArguments(arguments.length, 1, 'match()');
    const info = toRequestInfo(request);
    const dictionary = toCacheQueryOptions(options);
    const records = await realm.matchAll(this.#uid, toQuery(info), dictionary);
    return records[0];
  }

  /**
   * @param {unknown} request
   * @param {unknown} options
   */
  async matchAll(request = undefined, options = {}) {
    const realm = this.#realm;
    const info = request === undefined ? undefined : toRequestInfo(request);
    const dictionary = toCacheQueryOptions(options);
    return realm.matchAll(this.#uid, toQuery(info), dictionary);
  }

  static {
    isRegistration = (value) => typeof value === 'object' && value !== null && #state in value;
    showState = (registration, state) => {
      registration.#state = state;
    };
    internalsOf = (value) => {
      if (!isRegistration(value))
        throw new TypeError('This is no BackgroundFetchRegistration of the polyfill.');
      return { realm: value.#realm, uid: value.#uid, state: value.#state };
    };
  }
}

export { internalsOf, isRegistration };

/**
 * @param {import('./realm.js').Realm} realm
 * @param {string} uid
 * @param {Polyfill.State} state
 */
export function createRegistration(realm, uid, state) {
  return new BackgroundFetchRegistration(internal, realm, uid, state);
}

/**
 * Shows a new state, and tells of it with a `progress` event if the engine says so.
 *
 * @param {BackgroundFetchRegistration} registration
 * @param {Polyfill.State} state
 * @param {boolean} firesProgress
 */
export function updateRegistration(registration, state, firesProgress) {
  showState(registration, state);
  if (firesProgress) registration.dispatchEvent(new Event('progress'));
}

/** @param {unknown} value */
function requireRegistration(value) {
  if (!isRegistration(value)) throw new TypeError('Illegal invocation');
}

/**
 * @param {Request | string | undefined} info
 * @returns {Request | undefined}
 */
function toQuery(info) {
  return typeof info === 'string' ? new Request(info) : info;
}

shapeInterfaces({ BackgroundFetchRegistration });
