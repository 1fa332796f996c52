import { createRecord } from './background-fetch-record.js';
import { createRegistration, internalsOf, updateRegistration } from './background-fetch-registration.js';
import { decodeId } from './conversions.js';
import { hasBrokenOff, startEngine } from './start-engine.js';

/** Engines that break off one soon after the other are replaced later and later; the first after a calm, at once. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
const CALM_MS = 10 * LONGEST_PAUSE_MS;

/** Nothing fails silently: what is rejected inside waitUntil() shows nowhere. */
export function reportFailure(error) {
  console.error('background-fetch-polyfill: the engine failed.', error);
}

/** The polyfill in one global: its engine, started when it is first needed, and its registration objects. */
export class Realm {
  #host;
  #settings;
  #engine;
  #started;
  #lifetime;
  #pause = 0;
  #brokeAt = -Infinity;
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

  /** What the engine answers; rejects also where it breaks off before. */
  async ask(question) {
    const engine = await this.#startedEngine();
    const { signal } = this.#lifetime;
    return new Promise((resolve, reject) => {
      const giveUp = () => reject(new DOMException('The engine broke off. Ask again.', 'AbortError'));
      signal.addEventListener('abort', giveUp);
      const done = () => signal.removeEventListener('abort', giveUp);
      Promise.resolve(question(engine)).finally(done).then(resolve, reject);
    });
  }

  /** A start that failed is not remembered: the next call tries again. */
  #startedEngine() {
    this.#engine ??= startEngine(this.#host, this.#settings).then(
      (engine) => {
        this.#started = engine;
        this.#lifetime = engine.lifetime();
        return engine;
      },
      (error) => {
        this.#engine = undefined;
        throw error;
      },
    );
    return this.#engine;
  }

  /** The engine for moments that allow no waiting; undefined where it is not there yet. */
  get startedEngine() {
    return this.#started;
  }

  /** Nothing is lost with an engine: the database is the truth. */
  replaceIfBroken() {
    if (!this.#started || !hasBrokenOff()) return;
    const uids = [...this.#registrations.keys()];
    this.#engine = undefined;
    this.#started = undefined;
    this.#lifetime.abort();
    const now = performance.now();
    const isCalm = now - this.#brokeAt > CALM_MS;
    this.#brokeAt = now;
    this.#pause = isCalm ? 0 : Math.min(Math.max(2 * this.#pause, FIRST_PAUSE_MS), LONGEST_PAUSE_MS);
    setTimeout(() => this.#succeed(uids).catch(reportFailure), this.#pause);
  }

  async #succeed(uids) {
    for (const uid of await this.ask((engine) => engine.succeed(uids))) {
      const registration = this.#registrations.get(uid);
      if (registration)
        this.#update(uid, { ...internalsOf(registration).state, recordsAvailable: false }, false);
    }
  }

  async fetch(scope, id, { built, failure }, options) {
    const observed = await this.ask((engine) => engine.fetch(scope, id, built, failure, options));
    this.#host.fetchBegun?.();
    return this.registrationOf(observed);
  }

  async get(scope, id) {
    return this.registrationOf(await this.ask((engine) => engine.get(scope, id)));
  }

  async ids(scope) {
    return (await this.ask((engine) => engine.ids(scope))).map(decodeId);
  }

  async pause(uid) {
    return this.ask((engine) => engine.pause(uid));
  }

  async resumeFetch(uid) {
    return this.ask((engine) => engine.resumeFetch(uid));
  }

  async abort(uid) {
    return this.ask((engine) => engine.abort(uid));
  }

  async matchAll(uid, query, options) {
    const records = await this.ask((engine) => engine.matchAll(uid, query, options));
    return records.map((record) => createRecord(this, uid, record));
  }

  async response(uid, index) {
    return this.ask((engine) => engine.response(uid, index));
  }

  async purgeScope(scope) {
    await this.ask((engine) => engine.purgeScope(scope));
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
