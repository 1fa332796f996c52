import { createRecord } from './background-fetch-record.js';
import { createRegistration, updateRegistration } from './background-fetch-registration.js';
import { decodeId } from './conversions.js';
import { startEngine } from './start-engine.js';

/** Nothing fails silently: what is rejected inside waitUntil() shows nowhere. */
export function reportFailedStart(error) {
  console.error('background-fetch-polyfill: the engine could not be started.', error);
}

/** The polyfill in one global: its engine, started when it is first needed, and its registration objects. */
export class Realm {
  #host;
  #settings;
  #engine;
  #started;
  #registrations = new Map();
  #states = new Map();

  /** `host`: what page or worker do in their own ways, see page-host.js and worker-host.js. */
  constructor(host, settings) {
    this.#host = Object.assign(host, {
      updateInstance: (uid, state, firesProgress) => this.#update(uid, withId(state), firesProgress),
      report: (message) => console.error(`background-fetch-polyfill: ${message}`),
    });
    this.#settings = settings;
  }

  /** The engine. A start that failed is not remembered: the next call tries again. */
  engine() {
    this.#engine ??= startEngine(this.#host, this.#settings).then(
      (engine) => (this.#started = engine),
      (error) => {
        this.#engine = undefined;
        throw error;
      },
    );
    return this.#engine;
  }

  /** The same for moments that allow no waiting; undefined where it is not there yet. */
  get startedEngine() {
    return this.#started;
  }

  async fetch(scope, id, { built, failure }, options) {
    const engine = await this.engine();
    const observed = await engine.fetch(scope, id, built, failure, options);
    this.#host.fetchBegun?.();
    return this.registrationOf(observed);
  }

  async get(scope, id) {
    const engine = await this.engine();
    return this.registrationOf(await engine.get(scope, id));
  }

  async ids(scope) {
    const engine = await this.engine();
    return (await engine.ids(scope)).map(decodeId);
  }

  async pause(uid) {
    const engine = await this.engine();
    return engine.pause(uid);
  }

  async resumeFetch(uid) {
    const engine = await this.engine();
    return engine.resumeFetch(uid);
  }

  async abort(uid) {
    const engine = await this.engine();
    return engine.abort(uid);
  }

  async matchAll(uid, query, options) {
    const engine = await this.engine();
    const records = await engine.matchAll(uid, query, options);
    return records.map((record) => createRecord(this, uid, record));
  }

  async response(uid, index) {
    const engine = await this.engine();
    return engine.response(uid, index);
  }

  async purgeScope(scope) {
    const engine = await this.engine();
    await engine.purgeScope(scope);
  }

  /** The one object that stands for a background fetch in this realm. */
  registrationOf(observed) {
    if (!observed) return undefined;
    const { uid, state } = observed;
    if (!this.#registrations.has(uid)) {
      // The engine may have told of something newer while its promise was on its way here.
      this.#registrations.set(uid, createRegistration(this, uid, this.#states.get(uid) ?? withId(state)));
    }
    return this.#registrations.get(uid);
  }

  #update(uid, state, firesProgress) {
    this.#states.set(uid, state);
    const registration = this.#registrations.get(uid);
    if (registration) updateRegistration(registration, state, firesProgress);
    if (!state.recordsAvailable) {
      // Nothing can ask for it again.
      this.#registrations.delete(uid);
      this.#states.delete(uid);
    }
  }
}

function withId(state) {
  return { ...state, id: decodeId(state.id) };
}
