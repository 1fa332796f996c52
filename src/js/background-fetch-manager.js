import { encodeId, toBackgroundFetchOptions, toRequestInfos } from './conversions.js';
import { internal, requireArguments, requireInternal, shapeInterfaces } from './web-idl.js';

/** https://wicg.github.io/background-fetch/#background-fetch-manager */
export class BackgroundFetchManager {
  /** @type {import('./realm.js').Realm} */
  #realm;
  /** @type {ServiceWorkerRegistration} */
  #registration;

  /** @param {any[]} args */
  constructor(...args) {
    requireInternal(args[0]);
    [, this.#realm, this.#registration] = args;
  }

  /** As it is at the call: the engine may be started after it, and much later. */
  get #atCall() {
    const { scope, active } = this.#registration;
    return { scope, hasActiveWorker: active !== null };
  }

  /**
   * @param {unknown} id
   * @param {unknown} requests
   * @param {unknown} options
   */
  async fetch(id, requests, options = {}) {
    const realm = this.#realm;
    requireArguments(arguments.length, 2, 'fetch()');
    const name = encodeId(`${id}`);
    const infos = toRequestInfos(requests);
    const dictionary = toBackgroundFetchOptions(options);
    return realm.fetch(this.#atCall, name, buildRequests(infos), dictionary);
  }

  /** @param {unknown} id */
  async get(id) {
    const realm = this.#realm;
    requireArguments(arguments.length, 1, 'get()');
    return realm.get(this.#atCall, encodeId(`${id}`));
  }

  async getIds() {
    return this.#realm.ids(this.#atCall);
  }
}

/**
 * Takes the requests over at once, bodies included, up to the first that cannot be built. Which error counts is the
 * engine's decision: an earlier request may break another rule.
 *
 * @param {(Request | string)[]} infos
 * @returns {Polyfill.BuiltRequests}
 */
function buildRequests(infos) {
  /** @type {Polyfill.BuiltRequests['built']} */
  const built = [];
  for (const info of infos) {
    try {
      built.push([new Request(info), typeof info === 'string' ? info : undefined]);
    } catch (failure) {
      return { built, failure };
    }
  }
  return { built, failure: undefined };
}

/** @type {WeakMap<object, BackgroundFetchManager>} */
const managers = new WeakMap();

/**
 * The manager of a service worker registration: the same one every time. `realmHere()` gives its realm.
 *
 * @param {any} registration
 * @param {() => import('./realm.js').Realm} realmHere
 * @returns {BackgroundFetchManager}
 */
export function managerOf(registration, realmHere) {
  requireServiceWorkerRegistration(registration);
  const manager =
    managers.get(registration) ?? new BackgroundFetchManager(internal, realmHere(), registration);
  managers.set(registration, manager);
  return manager;
}

/**
 * Throws a TypeError for what is no registration, and knows those of frames.
 *
 * @param {unknown} registration
 */
function requireServiceWorkerRegistration(registration) {
  const Interface = globalThis.ServiceWorkerRegistration;
  if (!Interface) throw new TypeError('There are no service workers here.');
  Reflect.get(Interface.prototype, 'scope', registration);
}

shapeInterfaces({ BackgroundFetchManager });
