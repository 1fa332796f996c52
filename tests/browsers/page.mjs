import { setTimeout as delay } from 'node:timers/promises';
import { within } from './process-tree.mjs';

/** To look every 20 ms took a fifth of a core, where a driver passes it on. */
const POLL_MS = 50;
/** The last one may take longer than its wait lasts, so that the error says what was to be seen. */
const LAST_LOOK_MS = 1000;

/** An exception that a function threw in the page: the name, message and stack it had there. */
export class PageError extends Error {
  constructor({ name, message, stack, code }, page) {
    super(message);
    this.name = name;
    this.code = code;
    this.stack = `${name}: ${message}\n    in ${page}\n${stack ?? ''}`;
  }
}

/**
 * A window of a browser. The engines' subclasses give the `do...` methods; `doEvaluate(source, args)` gets a
 * function's source and its arguments as JSON and gives the JSON that `wrapped()` makes.
 *
 * @abstract
 */
export class Page {
  /** Time limit in ms of every command but waitFor. */
  timeout = 60_000;
  closed = false;

  constructor(browser) {
    this.browser = browser;
  }

  /**
   * @abstract
   * @param {string} url
   * @returns {Promise<any>}
   */
  // eslint-disable-next-line no-unused-vars -- Subclasses use it.
  doGoto(url) {
    throw new Error('A subclass gives it.');
  }

  /** @abstract @returns {Promise<any>} */
  doReload() {
    throw new Error('A subclass gives it.');
  }

  /**
   * @abstract
   * @param {string} source
   * @param {string} args
   * @returns {Promise<string>}
   */
  // eslint-disable-next-line no-unused-vars -- Subclasses use it.
  doEvaluate(source, args) {
    throw new Error('A subclass gives it.');
  }

  /**
   * @abstract
   * @param {string} file
   * @returns {Promise<any>}
   */
  // eslint-disable-next-line no-unused-vars -- Subclasses use it.
  doScreenshot(file) {
    throw new Error('A subclass gives it.');
  }

  /** @abstract @returns {Promise<any>} */
  doClose() {
    throw new Error('A subclass gives it.');
  }

  /**
   * @template T
   * @param {string} what
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  #command(what, work) {
    if (this.closed) return Promise.reject(new Error(`${what}: the page is closed`));
    const message = () => `${this.browser.engine}: ${what}`;
    return within(Promise.race([work(), this.browser.gone]), this.timeout, message);
  }

  /** Loads a URL; resolves at its load event. */
  goto(url) {
    return this.#command(`goto ${url}`, () => this.doGoto(String(url)));
  }

  reload() {
    return this.#command('reload', () => this.doReload());
  }

  /**
   * Runs a function in the page. It sees its arguments and the page's globals, nothing of the test. Arguments and
   * result pass as JSON. Promises are awaited; other pages can be used meanwhile.
   */
  async evaluate(fn, ...args) {
    const source = String(fn);
    const json = await this.#command(`evaluate ${source.slice(0, 200)}`, () =>
      this.doEvaluate(source, JSON.stringify(args)),
    );
    const { value, error } = JSON.parse(json);
    if (error) throw new PageError(error, this.browser.engine);
    return value;
  }

  /**
   * Waits until a function gives a truthy value in the page, and gives that value. Errors, also those of a
   * navigation under way, count as not yet. `waitFor({timeout}, fn, ...args)` has another limit than 15 s.
   */
  async waitFor(...params) {
    const { timeout = 15_000 } = typeof params[0] === 'function' ? {} : params.shift();
    const [fn, ...args] = params;
    const deadline = performance.now() + timeout;
    let last;
    for (;;) {
      try {
        last = await within(
          this.evaluate(fn, ...args),
          Math.max(LAST_LOOK_MS, deadline - performance.now()),
          () => '',
        );
        if (last) return last;
      } catch (error) {
        if (this.closed || this.browser.ended) throw error;
        last = error;
      }
      if (performance.now() > deadline) {
        const seen = last instanceof Error ? last.stack : JSON.stringify(last);
        throw new Error(`${this.browser.engine}: not within ${timeout} ms: ${fn}\nLast seen: ${seen}`);
      }
      await delay(POLL_MS);
    }
  }

  url() {
    return this.evaluate(() => location.href);
  }

  /** Writes what the window shows as a PNG file. */
  screenshot(file) {
    return this.#command('screenshot', () => this.doScreenshot(file));
  }

  /** Closes the window as a user would. */
  async close() {
    if (this.closed) return;
    const closing = this.#command('close', () => this.doClose());
    this.closed = true;
    await closing;
  }
}

/** An expression whose value is a promise for the JSON that `Page.evaluate` reads. */
export function wrapped(source, args) {
  return `(async () => (${source})(...${args}))().then(
    (value) => JSON.stringify({ value }),
    (error) => JSON.stringify({ error: {
      name: error?.name ?? 'Thrown', message: error?.message ?? String(error), stack: error?.stack, code: error?.code,
    } }),
  )`;
}
