/**
 * What the realm tells of its network, and requests that `fetch()` cannot make.
 *
 * wasm-bindgen makes a module of each file that Rust names. Its test runner, which wasm-pack uses, may leave a page without an
 * answer that loads more than four at once (tiny_http hands a burst of connections to fewer threads). So these files are few: this
 * one, `realm.js`, `database.js` and `transaction.js`.
 */

/**
 * Sends the engine's requests. What one is made of crosses into JavaScript at once, and so does what it is answered: small files
 * feel each call over the border.
 */
export class Requests {
  /** Most of a fetch have the same. */
  #attributes = '';
  #init = {};

  /**
   * Throws where the request cannot be built.
   *
   * @param {string} url
   * @param {string} attributes
   * @param {any} body
   */
  send(url, attributes, body) {
    if (attributes !== this.#attributes) {
      this.#init = initOf(attributes);
      this.#attributes = attributes;
    }
    return new RequestInFlight(url, this.#init, body);
  }
}

class RequestInFlight {
  #controller = new AbortController();
  /**
   * Its signal follows the controller's as long as it is there: WebKit (2.50) collects it together with the Request, and the body
   * comes on.
   */
  #request;
  /** @type {any} */
  #response;
  /** @type {ReadableStreamDefaultReader<Uint8Array> | undefined} */
  #reader;
  /** Resolves to the head of the response, to undefined where it cannot be read. */
  heard;

  /**
   * @param {string} url
   * @param {RequestInit} init
   * @param {any} body
   */
  constructor(url, init, body) {
    // The signal is given here and not to fetch(): a Request that is given anything else loses its referrer, and its referrer
    // policy (https://fetch.spec.whatwg.org/#dom-request).
    this.#request = new Request(url, { ...init, body, signal: this.#controller.signal });
    this.heard = fetch(this.#request).then((response) => this.#hear(response));
  }

  /** @param {Response} response */
  #hear(response) {
    this.#response = response;
    try {
      return headOf(response);
    } catch {
      // A page has replaced the functions of Headers.
      return undefined;
    }
  }

  /** Of the response; false where it has no body. */
  readBody() {
    this.#reader = this.#response.body?.getReader();
    return this.#reader !== undefined;
  }

  /** Resolves to the next piece of the body, to undefined at its end. */
  read() {
    return this.#reader?.read().then(pieceOf);
  }

  /** The body as a Blob, without a script's work for each packet. */
  blob() {
    return this.#response.blob();
  }

  abort() {
    this.#controller.abort();
  }
}

/** @param {ReadableStreamReadResult<Uint8Array>} result */
function pieceOf({ done, value }) {
  return done ? undefined : value;
}

/**
 * The request as the developer gave it. Throws where it cannot be built.
 *
 * @param {string} url
 * @param {string} attributes
 * @param {any} body
 */
export function requestOf(url, attributes, body) {
  return new Request(url, { ...initOf(attributes), body });
}

/**
 * @param {string} attributes as `attributes()` in requests.rs writes them
 * @returns {RequestInit}
 */
function initOf(attributes) {
  /** @type {any[]} */
  const [method, mode, credentials, cache, redirect, referrerPolicy, integrity, referrer, ...lines] =
    attributes.split('\n');
  const headers = lines.map(
    /** @returns {[string, string]} */ (line) => {
      const at = line.indexOf(':');
      return [line.slice(0, at), line.slice(at + 1)];
    },
  );
  const init = { method, mode, credentials, cache, redirect, referrerPolicy, integrity, headers };
  return referrer === 'about:client' ? init : { ...init, referrer };
}

/**
 * A response without its body, as src/model/response.rs reads it: the headers in lines, which cross into the engine at once.
 *
 * @param {Response} response
 */
function headOf({ status, statusText, headers, url, redirected, type }) {
  const lines = Array.from(headers, ([name, value]) => `${name}: ${value}`);
  return { status, statusText, headers: lines.join('\r\n'), url, redirected, type };
}

/**
 * A HEAD request that needs no permission: without CORS across origins, and within the origin without following redirects, for
 * those may lead to where CORS is needed.
 */
export class HeadRequest {
  #controller = new AbortController();
  /** The head of the answer. */
  heard;

  /**
   * @param {string} url
   * @param {boolean} isCrossOrigin
   */
  constructor(url, isCrossOrigin) {
    this.heard = this.#ask(url, isCrossOrigin);
    // Who waits for it may be gone.
    this.heard.catch(() => {});
  }

  /**
   * @param {string} url
   * @param {boolean} isCrossOrigin
   */
  async #ask(url, isCrossOrigin) {
    const response = await fetch(url, {
      method: 'HEAD',
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      cache: 'no-store',
      mode: isCrossOrigin ? 'no-cors' : 'same-origin',
      redirect: isCrossOrigin ? 'follow' : 'manual',
      signal: this.#controller.signal,
    });
    return headOf(response);
  }

  abort() {
    this.#controller.abort();
  }
}

/**
 * Waits for something that suggests that another attempt may work. Phones freeze pages, whose connections break and whose
 * `online` events nobody hears.
 */
export class RetrySignal {
  #listening = new AbortController();
  heard = new Promise((resolve) => {
    const options = { signal: this.#listening.signal };
    addEventListener('online', resolve, options);
    addEventListener('pageshow', resolve, options);
    // There is none in workers.
    globalThis.document?.addEventListener(
      'visibilitychange',
      () => document.hidden || resolve(undefined),
      options,
    );
  });

  abort() {
    this.#listening.abort();
  }
}

/** What a realm remembers of violations. One is asked for right after it happened. */
const REMEMBERED = 64;

/**
 * URLs that this realm's Content Security Policy forbade: to a script, such a request looks like one that the network lost.
 */
export class PolicyViolations {
  #listening = new AbortController();
  /** @type {{ at: number, url: string }[]} */
  #violations = [];

  constructor() {
    const { signal } = this.#listening;
    addEventListener('securitypolicyviolation', (event) => this.#handle(event), { signal });
  }

  /** @param {SecurityPolicyViolationEvent} event */
  #handle({ disposition, effectiveDirective, blockedURI }) {
    if (disposition !== 'enforce' || effectiveDirective !== 'connect-src') return;
    this.#violations = [
      ...this.#violations.slice(1 - REMEMBERED),
      { at: performance.now(), url: blockedURI },
    ];
  }

  /**
   * Whether a request was forbidden that was sent then, and has just failed. After a redirect the report names the origin
   * alone.
   *
   * @param {string} url without a fragment
   * @param {string} origin
   * @param {number} sent
   */
  async explain(url, origin, sent) {
    // The event is a task of its own, which comes after the promise's rejection.
    await new Promise((resolve) => setTimeout(resolve));
    return this.#violations.some((each) => each.at >= sent && [url, origin].includes(each.url));
  }

  /** No more of them is heard of. */
  abort() {
    this.#listening.abort();
  }
}

/** The entry comes in a task of its own, where it comes at all; of a busy browser after more than half a second. */
const LONGEST_WAIT_MS = 2000;

/**
 * What Resource Timing (https://w3c.github.io/resource-timing/) tells of the bodies of requests that are on their way. One
 * observer serves all of them, and only while there are some.
 */
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

/**
 * A request whose body is sent with XMLHttpRequest, which alone tells how much of it has left. There is none in service
 * workers, and it gives the response's body only as a whole.
 */
export class Upload {
  #request = new XMLHttpRequest();
  /** @type {Promise<unknown>} */
  #head;
  /** @type {Promise<unknown>} */
  #end;

  static get isPossible() {
    return 'XMLHttpRequest' in globalThis;
  }

  /**
   * Throws where the request cannot be built.
   *
   * @param {string} method
   * @param {string} url
   * @param {[string, string][]} headers
   * @param {boolean} withCredentials
   * @param {any} body
   * @param {(uploaded: number) => void} handleProgress
   */
  constructor(method, url, headers, withCredentials, body, handleProgress) {
    const request = this.#request;
    request.open(method, url);
    for (const [name, value] of headers) request.setRequestHeader(name, value);
    request.withCredentials = withCredentials;
    request.responseType = 'arraybuffer';
    request.upload.onprogress = ({ loaded }) => handleProgress(loaded);
    this.#head = new Promise((resolve) => {
      request.onreadystatechange = () =>
        request.readyState >= XMLHttpRequest.HEADERS_RECEIVED && resolve(undefined);
    });
    this.#end = new Promise((resolve, reject) => {
      request.onload = resolve;
      request.onerror = request.onabort = reject;
    });
    // Who is not told of the head does not ask for the end.
    this.#end.catch(() => {});
    request.send(body);
  }

  /**
   * Resolves to what `headOf()` in network.js gives of other responses; to undefined where the request failed.
   *
   * @param {string} origin of this realm
   * @param {string} url without a fragment
   */
  async head(origin, url) {
    await this.#head;
    const { status, statusText, responseURL } = this.#request;
    if (status === 0) return undefined;
    return {
      status,
      statusText,
      headers: this.#request.getAllResponseHeaders(),
      url: responseURL,
      redirected: responseURL !== url,
      type: new URL(responseURL).origin === origin ? 'basic' : 'cors',
    };
  }

  /** Resolves to the body; rejects where it does not come. */
  async body() {
    await this.#end;
    const { response } = this.#request;
    return response && new Uint8Array(response);
  }

  /** Does nothing to one that is through. */
  abort() {
    this.#request.onreadystatechange = null;
    this.#request.upload.onprogress = null;
    this.#request.abort();
  }
}
