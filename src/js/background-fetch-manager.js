import { encodeId, toBackgroundFetchOptions, toRequestInfos } from './conversions.js';
import { internal, requireArguments, requireInternal, shapeInterfaces } from './web-idl.js';

/** https://wicg.github.io/background-fetch/#background-fetch-manager */
export class BackgroundFetchManager {
  #realm;
  #registration;

  constructor(...args) {
    requireInternal(args[0]);
    [, this.#realm, this.#registration] = args;
  }

  /** As it is at the call: the engine may be started after it, and much later. */
  get #atCall() {
    const { scope, active } = this.#registration;
    return { scope, hasActiveWorker: active !== null };
  }

  async fetch(id, requests, options = {}) {
    const realm = this.#realm;
    requireArguments(arguments.length, 2, 'fetch()');
    const name = encodeId(`${id}`);
    const infos = toRequestInfos(requests);
    const dictionary = toBackgroundFetchOptions(options);
    return realm.fetch(this.#atCall, name, buildRequests(infos), dictionary);
  }

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
 */
function buildRequests(infos) {
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

const managers = new WeakMap();

/** The manager of a service worker registration: the same one every time. `realmHere()` gives its realm. */
export function managerOf(registration, realmHere) {
  requireServiceWorkerRegistration(registration);
  if (!managers.has(registration)) {
    managers.set(registration, new BackgroundFetchManager(internal, realmHere(), registration));
  }
  return managers.get(registration);
}

/** Throws a TypeError for what is no registration, and knows those of frames. */
function requireServiceWorkerRegistration(registration) {
  const Interface = globalThis.ServiceWorkerRegistration;
  if (!Interface) throw new TypeError('There are no service workers here.');
  Reflect.get(Interface.prototype, 'scope', registration);
}

shapeInterfaces({ BackgroundFetchManager });
