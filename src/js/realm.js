import { createRecord } from './background-fetch-record.js';
import { createRegistration, internalsOf, updateRegistration } from './background-fetch-registration.js';
import { decodeId, toAbsolute } from './conversions.js';
import { keepEngine } from './engine-code.js';
import { giveUpTransactions } from './existing-database.js';
import { bodyUntilAborted, functionUntilAborted, ReplaceableEngine } from './replaceable-engine.js';
import { hasFetches } from './stored-data.js';

/**
 * Nothing fails silently: what is rejected inside waitUntil() shows nowhere.
 *
 * @param {unknown} error
 */
export function reportFailure(error) {
  console.error('background-fetch-polyfill: the engine failed.', error);
}

/** The polyfill in one global: its engine, and its registration objects. */
export class Realm {
  /** @type {Polyfill.Host} */
  #host;
  /** @type {ReplaceableEngine} */
  #engine;
  /** @type {Polyfill.Options} */
  #options;
  /** @type {Map<string, import('./background-fetch-registration.js').BackgroundFetchRegistration>} */
  #registrations = new Map();
  /** @type {Map<string, Polyfill.State>} */
  #states = new Map();

  /**
   * @param {Polyfill.Host} host
   * @param {Polyfill.Options} options
   */
  constructor(host, options) {
    this.#options = withAddress(options);
    host.updateInstance = (uid, state, firesProgress) => this.#update(uid, withId(state), firesProgress);
    this.#host = host;
    this.#engine = new ReplaceableEngine(host, this.#options, (engine) => this.#restore(engine));
  }

  /**
   * Lets the engine do something that may be done twice.
   *
   * @template T
   * @param {Polyfill.Work<T>} work
   */
  run(work) {
    return this.#engine.askUntilAnswered(work);
  }

  /**
   * The same where there are fetches, or may be. Otherwise no engine is started, and it resolves to undefined.
   *
   * @template T
   * @param {Polyfill.Work<T>} work
   */
  async runIfNeeded(work) {
    const { isBegun } = this.#engine;
    if (!isBegun && !(await hasFetches())) return undefined;
    const result = await this.run(work);
    if (!isBegun) this.keepEngine();
    return result;
  }

  /** Whether there is an engine that hears of what happens. */
  get isStarted() {
    return this.#engine.isStarted;
  }

  /** Where it cannot be stored, a worker loads it from its address. */
  async keepEngine() {
    await keepEngine(this.#options).catch(() => {});
  }

  /**
   * Whether this realm ran a fetch.
   *
   * @param {boolean} mayResume
   */
  suspend(mayResume) {
    giveUpTransactions();
    return this.#engine.suspend(mayResume);
  }

  /** The page is back from where it was suspended. */
  comeBack() {
    this.#engine.comeBack();
  }

  /** @param {Polyfill.Engine} engine */
  async #restore(engine) {
    const shown = Array.from(this.#registrations, ([uid, registration]) => ({
      ...internalsOf(registration).state,
      uid,
    }));
    for (const uid of await engine.replace(shown)) {
      const registration = this.#registrations.get(uid);
      if (!registration) continue;
      this.#update(uid, { ...internalsOf(registration).state, recordsAvailable: false }, false);
    }
  }

  /**
   * @param {Polyfill.AtCall} atCall
   * @param {string} id
   * @param {Polyfill.BuiltRequests} requests
   * @param {Polyfill.FetchOptions} options
   */
  async fetch({ scope, hasActiveWorker }, id, { built, failure }, options) {
    const observed = await this.#engine.ask((engine) =>
      engine.fetch(scope, hasActiveWorker, id, built, failure, options),
    );
    this.#host.fetchBegun();
    this.keepEngine();
    return this.registrationOf(observed);
  }

  /**
   * @param {Polyfill.AtCall} atCall
   * @param {string} id
   */
  async get({ scope, hasActiveWorker }, id) {
    /** @param {Polyfill.Engine} engine */
    const get = (engine) => engine.get(scope, hasActiveWorker, id);
    // The engine refuses the empty id.
    return this.registrationOf(await (id === '' ? this.run(get) : this.runIfNeeded(get)));
  }

  /** @param {Polyfill.AtCall} atCall */
  async ids({ scope, hasActiveWorker }) {
    const ids = await this.runIfNeeded((engine) => engine.ids(scope, hasActiveWorker));
    return (ids ?? []).map(decodeId);
  }

  /**
   * Resolves with whether this call is the one that did it.
   * @param {string} uid
   * @param {'abort' | 'pause' | 'resume'} command
   */
  async command(uid, command) {
    const isDone = await this.#engine.ask((engine) => engine.command(uid, command));
    if (isDone && command === 'resume') this.#host.fetchBegun();
    return isDone;
  }

  /**
   * @param {string} uid
   * @param {Request | undefined} query
   * @param {CacheQueryOptions} options
   */
  async matchAll(uid, query, options) {
    return this.run(async (engine, signal) => {
      const records = await engine.matchAll(uid, query, options);
      return records.map(({ index, request }) =>
        createRecord(this, uid, { index, request: functionUntilAborted(signal, request) }),
      );
    });
  }

  /**
   * @param {string} uid
   * @param {number} index
   */
  async response(uid, index) {
    return this.run(async (engine, signal) => {
      const response = await engine.response(uid, index);
      if (!(response.body instanceof ArrayBuffer)) response.body = bodyUntilAborted(signal, response.body);
      return response;
    });
  }

  /** @param {string} scope */
  async purgeScope(scope) {
    await this.runIfNeeded((engine) => engine.purgeScope(scope));
  }

  /**
   * The one object that stands for a background fetch in this realm.
   *
   * @param {Polyfill.Observed | undefined} observed
   */
  registrationOf(observed) {
    if (!observed) return undefined;
    const { uid, state } = observed;
    const known = this.#registrations.get(uid);
    if (known) return known;
    // The engine may have told of something newer while its promise was on its way here.
    const registration = createRegistration(this, uid, this.#states.get(uid) ?? withId(state));
    // Of one that has ended there is no more to tell.
    if (state.recordsAvailable) this.#registrations.set(uid, registration);
    return registration;
  }

  /**
   * @param {string} uid
   * @param {Polyfill.State} state
   * @param {boolean} firesProgress
   */
  #update(uid, state, firesProgress) {
    this.#states.set(uid, state);
    const registration = this.#registrations.get(uid);
    if (registration) updateRegistration(registration, state, firesProgress);
    this.#host.progressed(uid);
    if (!state.recordsAvailable) {
      // Nothing can ask for it again.
      this.#registrations.delete(uid);
      this.#states.delete(uid);
    }
  }
}

/** @param {Polyfill.State} state */
function withId(state) {
  return { ...state, id: decodeId(state.id) };
}

/** @param {Polyfill.Options} options */
function withAddress(options) {
  return options.wasm === undefined ? options : { ...options, wasm: toAbsolute(options.wasm) };
}
