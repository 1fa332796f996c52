import { rangeStart } from '../server/random-faults.mjs';
import { STEPS } from './kill-moments.mjs';

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}

/**
 * One life of the browser, from a page's opening to the kill: what was stored when it began (see `readStored()` in
 * app/page.js), what the server saw since, and what page and worker reported to it.
 */
export class Life {
  #server;
  #from;
  #to;
  #sizes;

  constructor(server, sizes) {
    this.#server = server;
    this.#sizes = sizes;
    this.#from = server.requests().length;
  }

  /** What a page read from the database before the polyfill was there. */
  begin(stored) {
    this.stored = stored;
  }

  /** What comes from now on belongs to the next. */
  end() {
    this.#to = this.#server.requests().length;
  }

  get #requests() {
    return this.#server.requests().slice(this.#from, this.#to);
  }

  /** Whether a fetch was stored when it began whose event was not handled. */
  get wasThere() {
    return this.stored.stages.some((stage) => stage !== 'delivered');
  }

  /** What page and worker told of one kind: the queries of their requests. */
  reports(what) {
    return this.#requests
      .filter(({ path }) => path === '/report')
      .map(({ url }) => Object.fromEntries(new URLSearchParams(url.split('?')[1])))
      .filter((report) => report.what === what);
  }

  /** The requests for a file. */
  gets(path) {
    return this.#requests.filter((request) => request.path === path && request.method === 'GET');
  }

  get paths() {
    return Object.keys(this.#sizes);
  }

  /** So many bytes were stored from the beginning of the file on. */
  storedLength(path) {
    return this.stored.lengths[this.paths.indexOf(path)] ?? 0;
  }

  /** What was stored of the file, as `[start, end]`. */
  #storedExtents(path) {
    const ahead = this.stored.ahead[this.paths.indexOf(path)] ?? [];
    return [[0, this.storedLength(path)], ...ahead.map(({ start, end }) => [start, end])];
  }

  #storedBytes(path) {
    return lengthOf(this.#storedExtents(path));
  }

  get storedTotal() {
    return sum(this.paths.map((path) => this.#storedBytes(path)));
  }

  /** Bytes that were not stored when it began. */
  get missing() {
    return sum(Object.values(this.#sizes)) - this.storedTotal;
  }

  /** Bytes of files that the server has sent. */
  get sent() {
    return sum(this.paths.flatMap((path) => this.gets(path)).map(({ sent }) => sent));
  }

  /** Bytes of the file that were stored, or have been sent since the server last began it anew. */
  #there(path) {
    const answered = this.gets(path).filter(({ status }) => status === 200 || status === 206);
    const whole = answered.findLastIndex(({ status }) => status === 200);
    const sent = answered.slice(Math.max(whole, 0)).map(({ status, range, sent: count }) => {
      const start = status === 206 ? rangeStart(range) : 0;
      return [start, start + count];
    });
    return lengthOf(whole < 0 ? [...this.#storedExtents(path), ...sent] : sent);
  }

  /** The last step that was seen, of STEPS in kill-moments.mjs. */
  get step() {
    const reported = ['ended', 'stored', 'begun', 'settled'].find((what) => this.reports(what).length > 0);
    if (reported) return reported;
    if (this.paths.every((path) => this.#there(path) >= this.#sizes[path])) return 'sent';
    return this.reports('resolved').length > 0 ? 'resolved' : STEPS[0];
  }

  /** The greatest `downloaded` that a page was shown, or that the database had before. */
  get acknowledged() {
    return Math.max(this.storedTotal, ...this.reports('shown').map(({ downloaded }) => Number(downloaded)));
  }

  /** Bytes that are legitimately fetched again: the server answered a request for the rest with the whole file. */
  get begunAnew() {
    const ignored = this.paths.flatMap((path) => this.gets(path)).filter(isIgnoredRange);
    return sum(ignored.map(({ range }) => rangeStart(range)));
  }

  /**
   * Bytes that were acknowledged and that the next life does not find. Those that a kill has left unreadable are still
   * shown to the next page until they are given up.
   */
  lostBy(next) {
    const shown = this.acknowledged - this.begunAnew - this.stored.unreadable - next.storedTotal;
    const proven = this.paths.map((path) => this.#provenLength(path) - next.storedLength(path));
    return Math.max(0, shown, sum(proven.filter((bytes) => bytes > 0)));
  }

  /**
   * So many bytes of a file are known to be stored from its beginning on: before the rest of it is asked for, what is there was
   * committed. A request for a part proves nothing.
   */
  #provenLength(path) {
    let proven = this.storedLength(path);
    for (const request of this.gets(path)) {
      if (isIgnoredRange(request)) proven = 0;
      else if (!isPart(request)) proven = Math.max(proven, rangeStart(request.range));
    }
    return proven;
  }

  /**
   * What this life has asked for again although it was stored: `[{path, bytes}]`. What the worker asked for before the page
   * looked cannot be compared.
   */
  fetchedAgain() {
    const requests = this.#requests;
    const looked = requests.findIndex(({ url }) => url.startsWith('/report?what=looks'));
    const found = this.paths.map((path) => {
      const [first] = this.gets(path);
      const isLater = requests.indexOf(first) > looked;
      return { path, bytes: isLater ? this.storedLength(path) - rangeStart(first.range) : 0 };
    });
    return found.filter(({ bytes }) => bytes > 0);
  }

  /** Bytes fewer than it had that a later page showed at its first look. */
  shownTooFew() {
    const [first] = this.reports('shown');
    if (!this.wasThere || !first) return 0;
    return Math.max(0, this.storedTotal - this.begunAnew - Number(first.downloaded));
  }

  /** Bytes that were on their way when it ended: the next life has to ask for them again. */
  resentBy(next) {
    return sum(this.paths.map((path) => Math.max(0, this.#there(path) - next.#storedBytes(path))));
  }
}

/** A request for a part is refused by an answer with the whole file. */
function isIgnoredRange({ range, status }) {
  return range !== null && status === 200 && !isPart({ range });
}

function isPart({ range }) {
  return /-\d+$/.test(range ?? '');
}

/** Of extents that may overlap. */
function lengthOf(extents) {
  let length = 0;
  let reached = 0;
  for (const [start, end] of extents.toSorted(([one], [other]) => one - other)) {
    length += Math.max(0, end - Math.max(start, reached));
    reached = Math.max(reached, end);
  }
  return length;
}
