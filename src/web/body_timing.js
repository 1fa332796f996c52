/**
 * What Resource Timing (https://w3c.github.io/resource-timing/) tells of the bodies of requests that are on their way. One
 * observer serves all of them, and only while there are some.
 */

/** The entry comes in a task of its own, where it comes at all; of a busy browser after more than half a second. */
const LONGEST_WAIT_MS = 2000;

export class BodyTimings {
  /** @type {Set<BodyTiming>} */
  #watched = new Set();
  /** @type {PerformanceObserver | undefined} */
  #observer;

  /**
   * To be called before the request is sent: a small body may have come as a whole, and its entry, too, when its head is
   * heard of. Undefined where nothing can be watched.
   *
   * @param {string} url without a fragment
   */
  watch(url) {
    try {
      this.#observe();
    } catch {
      return undefined;
    }
    const timing = new BodyTiming(url, () => this.#forget(timing));
    this.#watched.add(timing);
    return timing;
  }

  #observe() {
    if (this.#observer) return;
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        for (const timing of this.#watched) timing.handle(/** @type {PerformanceResourceTiming} */ (entry));
      }
    });
    observer.observe({ entryTypes: ['resource'] });
    this.#observer = observer;
  }

  /** @param {BodyTiming} timing */
  #forget(timing) {
    this.#watched.delete(timing);
    if (this.#watched.size === 0) this.disconnect();
  }

  disconnect() {
    this.#observer?.disconnect();
    this.#observer = undefined;
  }
}

/** What the entries for one URL tell. Across origins, without `Timing-Allow-Origin`, they tell neither. */
class BodyTiming {
  #url;
  #sent = performance.now();
  /** @type {() => void} */
  #handleFirst = () => {};
  #first = new Promise((resolve) => (this.#handleFirst = () => resolve(undefined)));
  /** The largest `encodedBodySize`. */
  encodedSize = 0;
  /** Whether the protocols of all of them signal ends: the page itself may request the same URL over another connection. */
  signalsEnd = false;
  #hasEntry = false;
  stop;

  /**
   * @param {string} url
   * @param {() => void} stop
   */
  constructor(url, stop) {
    this.#url = url;
    this.stop = stop;
  }

  /** @param {PerformanceResourceTiming} entry */
  handle({ name, startTime, encodedBodySize, nextHopProtocol }) {
    if (startTime < this.#sent || name.split('#')[0] !== this.#url) return;
    this.encodedSize = Math.max(this.encodedSize, encodedBodySize);
    this.signalsEnd = ['h2', 'h3'].includes(nextHopProtocol) && (this.signalsEnd || !this.#hasEntry);
    this.#hasEntry = true;
    this.#handleFirst();
  }

  /** Resolves when there is an entry, or none comes. To be called after the body's end. */
  async told() {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, LONGEST_WAIT_MS)));
    await Promise.race([this.#first, late]);
    clearTimeout(timer);
  }
}
