/** What the realm tells of its network. */

/**
 * A response without its body, as src/model/response.rs reads it: the headers in lines, which cross into the engine at once.
 *
 * @param {Response} response
 */
export function headOf({ status, statusText, headers, url, redirected, type }) {
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
