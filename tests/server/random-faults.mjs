const KIB = 1 << 10;

/** What may happen to the answer of a GET, and how often. `busy` and `whole` are for requests with a range only. */
const FAULTS = {
  none: 6,
  cut: 4,
  reset: 3,
  stall: 2,
  silent: 1,
  noHeaders: 2,
  halfHeaders: 1,
  busy: 3,
  whole: 5,
  slow: 2,
};
/** Then a file comes without, so that a trial ends. */
const MOST_FAULTS = 4;

export function rangeStart(range) {
  return Number(/^bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0);
}

/**
 * The faults of one file that can be made good again, by its `Choices`: `next(request)` gives the test server's options for
 * the answer.
 */
export class RandomFaults {
  #choices;
  #size;
  #count = 0;
  #faults = 0;
  #last = 'none';
  #wasWhole = false;

  constructor(choices, size) {
    this.#choices = choices;
    this.#size = size;
  }

  next({ method, headers }) {
    // HEAD is the engine's own question whether the server can be reached.
    if (method !== 'GET') return {};
    const choices = this.#choices.of((this.#count += 1));
    const fault = this.#possible(choices.weighted(FAULTS), headers.range !== undefined);
    this.#last = fault;
    if (fault === 'none' || this.#faults === MOST_FAULTS) return {};
    this.#faults += 1;
    return this.#options(fault, choices, this.#size - rangeStart(headers.range));
  }

  #possible(fault, hasRange) {
    // Without a range 503 is the file's result, as in a native fetch.
    if (fault === 'busy' && !hasRange) return 'none';
    // Firefox and Chromium take them for an answer, which the engine believes when the server stays with it.
    if (fault === 'halfHeaders' && this.#last === fault) return 'none';
    if (fault !== 'whole') return fault;
    // Each time all bytes of the file are legitimately fetched again.
    if (!hasRange || this.#wasWhole) return 'none';
    this.#wasWhole = true;
    return fault;
  }

  #options(fault, choices, rest) {
    const somewhere = choices.between(0, rest);
    switch (fault) {
      case 'cut':
        return { cutAfter: somewhere };
      case 'reset':
        return { cutAfter: somewhere, reset: true };
      case 'stall':
        // After the last byte, a browser would take it for whole, and wait behind it with its next request.
        return rest > 0 ? { stallAfter: Math.min(somewhere, rest - 1) } : {};
      case 'silent':
        return { never: true };
      case 'noHeaders':
        return { cutHeaders: true };
      case 'halfHeaders':
        return { cutHeaders: 'middle' };
      case 'busy':
        return { status: 503, headers: { 'Retry-After': String(choices.between(0, 1)) } };
      case 'whole':
        return { ignoreRange: true };
      case 'slow':
        return { throttle: choices.between(700 * KIB, 1500 * KIB) };
    }
  }
}
