import {
  answerIn,
  deliverMessage,
  progressMessage,
  questionMessage,
  runMessage,
  VERSION,
} from './messages.js';

/** How long an answer may take. In steps, so that a machine that is busy, or a page that was frozen, is not in a hurry. */
const STEP_MS = 1000;
const STEPS = 3;
/** Between two messages to a worker that notifies. */
const PROGRESS_MS = 3000;

const LINES =
  "importScripts('/service-worker.js'), where that is the package's pkg/service-worker.js, or in a module " +
  "import 'background-fetch-polyfill/service-worker'";

/**
 * A service worker as a page knows it. Whether the polyfill is there is asked by a private message; nothing but the
 * question is sent to a worker that has not answered, as the app's own listeners would see it.
 */
class KnownWorker {
  /** @type {ServiceWorker} */
  #worker;
  /** @type {string} */
  #name;
  #questions = 0;
  /** In ms since 1970. */
  #askedAt = 0;
  #isBeingAsked = false;
  #hasAnswered = false;
  #notifies = false;
  /**
   * When it was told of a fetch's progress, in ms since 1970.
   *
   * @type {Map<string, number>}
   */
  #toldAt = new Map();
  #isReported = false;
  /** @type {Set<string>} */
  #toDeliver = new Set();

  /**
   * @param {ServiceWorker} worker
   * @param {string} scope
   */
  constructor(worker, scope) {
    this.#worker = worker;
    this.#name = `the service worker of ${scope} (${worker.scriptURL})`;
  }

  /** A worker that is replaced by another has another object, and is asked anew. */
  askOnce() {
    if (this.#questions === 0) this.#ask();
  }

  /** @param {string} uid */
  deliver(uid) {
    if (this.#hasAnswered) return this.#worker.postMessage(deliverMessage(uid));
    this.#toDeliver.add(uid);
    return this.#ask();
  }

  /** @param {string} uid */
  tellProgress(uid) {
    const now = Date.now();
    if (!this.#notifies || now - (this.#toldAt.get(uid) ?? 0) < PROGRESS_MS) return;
    this.#toldAt.set(uid, now);
    this.#worker.postMessage(progressMessage(uid));
  }

  /** The page goes away, and cannot wait for an answer. */
  run() {
    this.#worker.postMessage(this.#hasAnswered ? runMessage() : questionMessage(0, true));
  }

  /** Twice at first: who attaches the listeners too late hears the second question only. */
  async #ask() {
    if (this.#isBeingAsked) return;
    this.#isBeingAsked = true;
    for (let times = this.#isReported ? 1 : 2; times > 0 && !this.#isOver; times -= 1) {
      this.#send();
      for (let step = 0; step < STEPS && !this.#isOver; step += 1) {
        await new Promise((resolve) => setTimeout(resolve, STEP_MS));
      }
    }
    this.#isBeingAsked = false;
    if (this.#isOver || this.#isReported) return;
    this.#isReported = true;
    this.#report(
      `${this.#name} does not answer, and is told of nothing. Its first line has to be ${LINES}. Where the page uses the ` +
        'polyfill in place of a native API, the worker needs `force`.',
    );
  }

  get #isOver() {
    return this.#hasAnswered || this.#worker.state === 'redundant';
  }

  #send() {
    this.#questions += 1;
    this.#askedAt = Date.now();
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => {
      port1.close();
      const answer = answerIn(data);
      if (answer) this.#hear(answer);
    };
    this.#worker.postMessage(questionMessage(this.#questions, false), [port2]);
  }

  /** @param {ReturnType<typeof import('./messages.js').answerTo>} answer */
  #hear({ id, version, startedAt, notifies }) {
    if (this.#hasAnswered) return;
    this.#hasAnswered = true;
    this.#notifies = notifies;
    for (const uid of this.#toDeliver) this.#worker.postMessage(deliverMessage(uid));
    this.#toDeliver.clear();
    // Messages come in order.
    if (this.#isReported) {
      console.info(`background-fetch-polyfill: ${this.#name} has answered now.`);
    } else if (id > 1 && startedAt < this.#askedAt) {
      // An instance that was there for the question before.
      this.#report(
        `${this.#name} loads the polyfill too late, and does not hear of all. Its listeners have to be there when the script ` +
          `has been evaluated. Its first line has to be ${LINES}.`,
      );
    }
    if (version !== VERSION) {
      this.#report(`${this.#name} has version ${version} of the polyfill, and this page ${VERSION}.`);
    }
  }

  /** @param {string} message */
  #report(message) {
    console.error(`background-fetch-polyfill: ${message}`);
  }
}

/** @type {WeakMap<ServiceWorker, KnownWorker>} */
const known = new WeakMap();

/**
 * What this page knows of the active worker of a registration; undefined where there is none.
 *
 * @param {ServiceWorkerRegistration | undefined} registration
 */
export function knownWorker(registration) {
  const worker = registration?.active;
  if (!worker) return undefined;
  const one = known.get(worker) ?? new KnownWorker(worker, registration.scope);
  known.set(worker, one);
  return one;
}
