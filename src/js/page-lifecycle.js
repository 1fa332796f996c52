import { reportFailure } from './realm.js';

/** The engine's own channel; CHANNEL in src/web/bus.rs. */
const CHANNEL = 'background-fetch-polyfill';

/** A page whose load is held up has fetches, too. */
const LOOK_AT_LAST_MS = 10_000;

const FIRST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 600_000;

/**
 * Runs the engine as long as the page is awake, from when there is something for it to do: it was loaded, or another page
 * has begun a fetch. A page that is left, or that its browser freezes (https://wicg.github.io/page-lifecycle/), holds no
 * lock: others go on, and no lock keeps it out of the back/forward cache (https://github.com/w3c/web-locks/issues/81,
 * https://bugs.webkit.org/show_bug.cgi?id=283528).
 *
 * @param {import('./realm.js').Realm} realm
 * @param {Polyfill.Host} host
 */
export function followPageLifecycle(realm, host) {
  /** @param {Polyfill.Work<unknown>} work */
  const run = (work) => realm.run(work).catch(reportFailure);
  const resumeFetches = untilDone(() => realm.runIfNeeded((engine) => engine.takeOver()));
  const begun = new BegunFetches(() => !realm.isStarted && resumeFetches());
  /** @param {boolean} mayResume */
  const leave = (mayResume) => {
    begun.ignore();
    // What comes after an await may come too late.
    if (realm.suspend(mayResume)) host.handOver();
  };
  const comeBack = () => {
    begun.listen();
    realm.comeBack();
    if (realm.isStarted) run((engine) => engine.resume());
    else resumeFetches();
  };
  whenLoaded(() => {
    begun.listen();
    resumeFetches();
  });
  addEventListener('pagehide', ({ persisted }) => leave(persisted));
  addEventListener('pageshow', ({ persisted }) => persisted && comeBack());
  document.addEventListener('freeze', () => leave(true));
  document.addEventListener('resume', comeBack);
}

/**
 * The engine's file may not be there just now: tries again after a while, or when the network is back.
 *
 * @param {() => Promise<unknown>} work
 */
function untilDone(work) {
  let isDue = false;
  let isUnderWay = false;
  return async () => {
    isDue = true;
    if (isUnderWay) return;
    isUnderWay = true;
    for (let pause = FIRST_PAUSE_MS; isDue; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      isDue = false;
      try {
        await work();
      } catch (error) {
        reportFailure(error);
        await pauseOrOnline(pause);
        isDue = true;
      }
    }
    isUnderWay = false;
  };
}

/**
 * @param {number} pause
 * @returns {Promise<void>}
 */
function pauseOrOnline(pause) {
  return new Promise((resolve) => {
    const timer = setTimeout(end, pause);
    function end() {
      clearTimeout(timer);
      removeEventListener('online', end);
      resolve();
    }
    addEventListener('online', end);
  });
}

/** @param {() => unknown} work */
function whenLoaded(work) {
  if (document.readyState === 'complete') return work();
  const timer = setTimeout(begin, LOOK_AT_LAST_MS);
  function begin() {
    clearTimeout(timer);
    removeEventListener('load', begin);
    work();
  }
  return addEventListener('load', begin);
}

/** Hears of the fetches that others begin, in a page without an engine: it goes on with them should the others be closed. */
class BegunFetches {
  /** @type {() => unknown} */
  #handle;
  /** @type {BroadcastChannel | undefined} */
  #channel;

  /** @param {() => unknown} handle */
  constructor(handle) {
    this.#handle = handle;
  }

  listen() {
    this.#channel ??= new BroadcastChannel(CHANNEL);
    this.#channel.onmessage = ({ data }) => data?.kind === 'registered' && this.#handle();
  }

  /** A message would end a page that is in the back/forward cache (https://github.com/whatwg/html/issues/7253). */
  ignore() {
    this.#channel?.close();
    this.#channel = undefined;
  }
}
