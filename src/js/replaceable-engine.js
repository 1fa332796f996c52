import { endInstance, hasBrokenOff, startEngine } from './start-engine.js';

/** wasm-bindgen's, where the browser calls what belonged to an instance before. */
const OUTLIVED = 'Cannot invoke closure from previous WASM instance';

/** Engines that break off one soon after the other are replaced later and later; the first after a calm, at once. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
const CALM_MS = 10 * LONGEST_PAUSE_MS;

/** Firefox stops scripts when the user goes to another address, and nothing escapes then that would tell of it. */
const CHECK_INTERVAL_MS = 10_000;

class BrokeOff extends DOMException {
  constructor() {
    super('The engine broke off before it answered. It may have done what it was asked for.', 'AbortError');
  }
}

/**
 * The engine of one global, started when it is first needed. One that breaks off in the middle of its work is replaced:
 * nothing is lost with it, as the database is the truth.
 */
export class ReplaceableEngine {
  /** @type {Polyfill.Host} */
  #host;
  /** @type {Polyfill.Options} */
  #options;
  /** @type {Polyfill.Work<void>} */
  #restore;
  /** @type {Promise<Polyfill.Engine> | undefined} */
  #engine;
  /** @type {Polyfill.Engine | undefined} */
  #started;
  /**
   * Of the answers that are waited for.
   * @type {AbortController | undefined}
   */
  #lifetime;
  /**
   * What the engine holds of the browser.
   * @type {Set<Polyfill.Held>}
   */
  #held = new Set();
  /** @type {Promise<unknown> | undefined} */
  #rest;
  #pause = 0;
  #brokeAt = -Infinity;
  #isRestoring = false;
  #isAway = false;

  /**
   * `restore(engine)` lets a new engine take the place of the one before.
   *
   * @param {Polyfill.Host} host
   * @param {Polyfill.Options} options
   * @param {Polyfill.Work<void>} restore
   */
  constructor(host, options, restore) {
    this.#host = host;
    this.#options = options;
    this.#restore = restore;
    // Before the app's own listeners, so that they hear of no engine that is gone.
    if (host.takesOver) this.#listen();
  }

  /** Whether there is an engine, or will be: one is being loaded. */
  get isBegun() {
    return this.#engine !== undefined;
  }

  /** Whether there is an engine that hears of what happens, and not only one that is being loaded. */
  get isStarted() {
    return this.#started !== undefined;
  }

  /**
   * What the engine answers. Rejects with AbortError where it breaks off before.
   *
   * @template T
   * @param {Polyfill.Work<T>} question
   */
  async ask(question) {
    const engine = await this.#startedEngine();
    const { signal } = /** @type {AbortController} */ (this.#lifetime);
    return untilAborted(signal, () => question(engine, signal));
  }

  /**
   * The same for what can be asked twice: the next engine answers then.
   *
   * @template T
   * @param {Polyfill.Work<T>} question
   */
  async askUntilAnswered(question) {
    for (;;) {
      try {
        return await this.ask(question);
      } catch (error) {
        if (!(error instanceof BrokeOff)) throw error;
      }
    }
  }

  /**
   * The page goes away; allows no waiting. Whether it ran a fetch, or would have if an engine were there.
   *
   * @param {boolean} mayResume
   */
  suspend(mayResume) {
    this.#isAway = true;
    this.#replaceIfBroken();
    return this.#started ? this.#started.suspend(mayResume) : this.#isRestoring;
  }

  /** The page is back from where it was suspended. */
  comeBack() {
    this.#isAway = false;
  }

  /** A start that failed is not remembered: the next call tries again. */
  #startedEngine() {
    this.#engine ??= this.#begin();
    return this.#engine;
  }

  async #begin() {
    try {
      await this.#rest;
      const engine = await startEngine(this.#host, this.#options);
      if (!this.#lifetime) this.#watch();
      this.#lifetime = new AbortController();
      this.#held = engine.held();
      this.#started = engine;
      // The page has gone in the meantime.
      if (this.#isAway) engine.suspend(true);
      return engine;
    } catch (error) {
      this.#engine = undefined;
      throw error;
    }
  }

  #watch() {
    // A worker does not live for this.
    if (this.#host.takesOver) setInterval(() => this.#probe(), CHECK_INTERVAL_MS);
    else this.#listen();
  }

  #listen() {
    addEventListener('error', (event) => this.#look(event, event.error));
    addEventListener('unhandledrejection', (event) => this.#look(event, event.reason));
  }

  /**
   * What breaks an engine off escapes into the realm. Other errors, the app's for example, do not show whose they are.
   *
   * @param {Event} event
   * @param {any} error
   */
  #look(event, error) {
    if (this.#brokeAt >= 0 && error?.message === OUTLIVED) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    // The engine may have called what threw, and be in the middle of something for that reason. Before the next task: what it
    // has asked of a transaction would be stored.
    queueMicrotask(() => {
      this.#replaceIfBroken(error);
      this.#probe(error);
    });
  }

  /**
   * An engine that works answers within the task.
   *
   * @param {unknown[]} reason
   */
  #probe(...reason) {
    const engine = this.#started;
    if (!engine) return;
    let hasAnswered = false;
    const answer = (async () => engine.ping())();
    answer.then(
      () => (hasAnswered = true),
      () => {},
    );
    setTimeout(() => {
      if (!hasAnswered && engine === this.#started) this.#replace('does not answer', ...reason);
    });
  }

  /** @param {unknown[]} reason */
  #replaceIfBroken(...reason) {
    if (this.#started && hasBrokenOff()) this.#replace('broke off', ...reason);
  }

  /**
   * @param {string} what
   * @param {unknown[]} reason
   */
  #replace(what, ...reason) {
    console.warn(`background-fetch-polyfill: the engine ${what}. Another takes its place.`, ...reason);
    this.#engine = undefined;
    this.#started = undefined;
    giveBack(this.#held);
    this.#lifetime?.abort();
    this.#rest = this.#nextRest();
    this.#isRestoring = true;
    try {
      endInstance();
    } catch {
      // Tried once more by the start of the next.
    }
    this.#beginRestoring();
  }

  #nextRest() {
    const now = performance.now();
    const isCalm = now - this.#brokeAt > CALM_MS;
    this.#brokeAt = now;
    this.#pause = isCalm ? 0 : Math.min(Math.max(2 * this.#pause, FIRST_PAUSE_MS), LONGEST_PAUSE_MS);
    return new Promise((resolve) => setTimeout(resolve, this.#pause));
  }

  async #beginRestoring() {
    try {
      await this.ask(this.#restore);
      this.#isRestoring = false;
    } catch (error) {
      // It is replaced, too.
      if (error instanceof BrokeOff) return;
      console.error('background-fetch-polyfill: the engine could not be replaced.', error);
      this.#rest = this.#nextRest();
      this.#beginRestoring();
    }
  }
}

/**
 * None of the engine's own functions can be called any more.
 * @param {Set<Polyfill.Held>} held
 */
function giveBack(held) {
  for (const thing of held) {
    try {
      if (typeof thing === 'function') thing();
      else if ('abort' in thing) thing.abort();
      else if ('close' in thing) thing.close();
      else thing.disconnect();
    } catch {
      // A transaction that has just ended.
    }
  }
  held.clear();
}

/**
 * @template T
 * @param {AbortSignal} signal
 * @param {() => T | Promise<T>} work
 * @returns {Promise<T>}
 */
function untilAborted(signal, work) {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new BrokeOff());
    if (signal.aborted) return giveUp();
    signal.addEventListener('abort', giveUp);
    const answer = (async () => work())();
    return answer.finally(() => signal.removeEventListener('abort', giveUp)).then(resolve, reject);
  });
}

/**
 * A function that an engine gave, for as long as there is that engine.
 *
 * @template T
 * @param {AbortSignal} signal
 * @param {() => T} given
 */
export function functionUntilAborted(signal, given) {
  return () => {
    if (signal.aborted) throw new BrokeOff();
    return given();
  };
}

/**
 * The same for the body of a response.
 *
 * @param {AbortSignal} signal
 * @param {Polyfill.Body} body
 * @returns {Polyfill.Body}
 */
export function bodyUntilAborted(signal, body) {
  return {
    next: () => untilAborted(signal, () => body.next()),
    free() {
      // Later, it would be another one's memory.
      if (!signal.aborted) body.free();
    },
  };
}
