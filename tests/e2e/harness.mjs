import assert from 'node:assert/strict';
import { after, describe, test as nodeTest } from 'node:test';
import { chosenEngines, findBrowser, PERSISTENT } from '../../scripts/setup/browsers.mjs';
import { launch } from '../browsers/index.mjs';
import { PageError } from '../browsers/page.mjs';
import { within } from '../browsers/process-tree.mjs';
import { SharedBrowser } from '../browsers/shared-browser.mjs';
import { requestLine } from '../server/request-log.mjs';
import { startServer } from '../server/server.mjs';
import { findOrphans } from './find-orphans.mjs';

const TEST_MS = 60_000;
const ANSWER_MS = 5_000;
const CLOSE_MS = 5_000;

/**
 * What a test gets: `t` of node:test, `engine`, `persistent` (profiles outlive the browser), `server` (its own, so
 * its own origin with nothing stored), `browser` (shared by the file's tests) and the methods below.
 */
class Context {
  #shared;
  #pages = [];
  #launched = [];

  constructor(t, engine, shared, server) {
    this.t = t;
    this.engine = engine;
    this.server = server;
    this.persistent = PERSISTENT.includes(engine);
    this.#shared = shared;
    // So that a test can take what it needs apart: `async ({ server, openPage }) => ...`.
    for (const method of ['openPage', 'launch', 'restartBrowser']) this[method] = this[method].bind(this);
  }

  get browser() {
    return this.#shared.current;
  }

  /**
   * Opens a window on this test's origin.
   *
   * - `path`: where; what the test has not registered there becomes a page with `html` in its body, and `before`
   *   ahead of the polyfill
   * - `worker`: source of a service worker, registered with `scope` and `type`; waits until it is activated.
   *   Leave it out to open further pages
   * - `polyfill`: true, or options: loads the polyfill into page and worker, also where the API is native; with
   *   `inPage: false` into the worker only
   * - `headers`: extra or replaced ones of the page; null removes one
   * - `browser`: another one than the shared one
   *
   * @param {PageOptions} [options]
   */
  async openPage(options = {}) {
    const {
      path = '/',
      before = '',
      html = '',
      polyfill = false,
      inPage = polyfill,
      worker,
      scope = '/',
      type,
      headers,
      browser,
    } = options;
    const { server } = this;
    const pathname = path.replace(/[?#].*$/, '');
    if (!server.has(pathname))
      server.page(pathname, pageSource({ before, html, polyfill: inPage }), { headers });
    if (worker !== undefined) server.page('/service-worker.js', workerSource(worker, polyfill, type));
    if (polyfill) server.page(OPTIONS, setOptions(polyfill), { type: 'text/javascript' });

    const page = await (browser ?? (await this.#shared.running())).newPage();
    this.#pages.push(page);
    await page.goto(server.url(path));
    if (worker !== undefined) {
      const registered = await page.evaluate(activate, scope, type ?? 'classic');
      if (this.persistent) await page.browser.registrationStored(registered);
    }
    return page;
  }

  /** A browser for this test alone, closed after it. */
  async launch(options) {
    const browser = await launch(this.engine, options);
    this.#launched.push(browser);
    return browser;
  }

  /**
   * Ends the shared browser, by SIGKILL unless `kill` is false, and starts it on the same profile. All its pages are
   * gone; `openPage` opens new ones. A private browser forgets everything.
   */
  async restartBrowser(options) {
    return this.#shared.restart(options);
  }

  /** What the server and the pages saw, for the report of a failed test. */
  async report() {
    for (const request of this.server.requests().slice(-60)) this.t.diagnostic(requestLine(request));
    const told = await Promise.all(this.#open.map(toldBy));
    for (const line of told.flat()) this.t.diagnostic(line);
  }

  get #open() {
    return this.#pages.filter((page) => !page.closed && !page.browser.ended);
  }

  /**
   * What is true of the database at the end of every test, whether its fetches have ended or still run. Not looked at
   * where no page is open, or none that answers.
   */
  async assertNoOrphans() {
    for (const browser of new Set(this.#open.map((page) => page.browser))) {
      const pages = this.#open.filter((page) => page.browser === browser);
      const orphans = await Promise.race([
        this.#orphansSeenBy(pages),
        new Promise((resolve) => setTimeout(resolve, ANSWER_MS, null).unref()),
      ]);
      assert.deepEqual(orphans ?? [], [], 'rows that belong to no fetch');
    }
  }

  async #orphansSeenBy(pages) {
    // The last first: it is the earlier ones that tests freeze or crash.
    for (const page of pages.toReversed()) {
      try {
        const orphans = await page.evaluate(findOrphans, this.server.origin);
        if (orphans) return orphans;
      } catch (error) {
        // Left, closed or crashed; what goes wrong within a page that lives is told.
        if (error instanceof PageError && error.name !== 'NavigationError') throw error;
      }
    }
    return null;
  }

  async cleanUp() {
    await Promise.all(this.#launched.map((browser) => browser.close()));
    try {
      await within(
        Promise.all(this.#open.map((page) => page.browser.giveBack(page))),
        CLOSE_MS,
        () => 'leave the pages',
      );
    } catch {
      // A page that hangs must not spoil the next test: it gets a new browser.
      await this.#shared.current.kill();
    }
    await this.server.close();
  }
}

/**
 * @typedef {object} PageOptions
 * @property {string} [path]
 * @property {string} [before]
 * @property {string} [html]
 * @property {boolean | import('../../src/types/options.js').BackgroundFetchPolyfillOptions} [polyfill]
 * @property {PageOptions['polyfill']} [inPage]
 * @property {string} [worker]
 * @property {string} [scope]
 * @property {WorkerType} [type]
 * @property {Record<string, string | null>} [headers]
 * @property {import('../browsers/browser.mjs').Browser} [browser]
 */

/** The script that sets the polyfill's options: a module's own body would be evaluated after its imports. */
const OPTIONS = '/polyfill-options.js';

function setOptions(polyfill) {
  const options = { force: true, ...(polyfill === true ? {} : polyfill) };
  return `self.backgroundFetchPolyfill = ${JSON.stringify(options)};`;
}

function pageSource({ before, html, polyfill }) {
  const scripts = polyfill
    ? `<script src="${OPTIONS}"></script>
<script src="/pkg/background-fetch-polyfill.js"></script>`
    : '';
  return `<!doctype html>\n<meta charset="utf-8">\n<script>(${keepTold})();</script>\n<link rel="icon" href="data:,">\n${before}${scripts}\n${html}`;
}

function workerSource(source, polyfill, type) {
  if (!polyfill) return source;
  const load =
    type === 'module'
      ? `import '${OPTIONS}';\nimport '/pkg/service-worker.mjs';\n`
      : `importScripts('${OPTIONS}', '/pkg/service-worker.js');\n`;
  return load + source;
}

/** Keeps what a page tells in the console, and what nobody catches in it. */
function keepTold() {
  const told = (self[Symbol.for('test bed: told')] = []);
  const keep = (kind, what) => {
    const text = what.map((part) => (part?.stack ? `${part} ${part.stack}` : String(part))).join(' ');
    told.push(`${Math.round(performance.now())} ms ${kind}: ${text}`);
  };
  for (const level of ['warn', 'error']) {
    const native = console[level];
    console[level] = (...what) => {
      keep(level, what);
      native.apply(console, what);
    };
  }
  addEventListener('error', ({ message, error }) => keep('uncaught', [message, error]));
  addEventListener('unhandledrejection', ({ reason }) => keep('unhandled rejection', [reason]));
}

async function toldBy(page) {
  try {
    return await within(
      page.evaluate(() => self[Symbol.for('test bed: told')] ?? []),
      ANSWER_MS,
      () => 'what the page has told',
    );
  } catch (error) {
    return [String(error)];
  }
}

async function activate(scope, type) {
  const registration = await navigator.serviceWorker.register('/service-worker.js', { scope, type });
  const worker = registration.installing ?? registration.waiting ?? registration.active;
  await new Promise((resolve, reject) => {
    const look = () => {
      if (worker.state === 'activated') resolve();
      if (worker.state === 'redundant') reject(new Error('The service worker was not installed'));
    };
    worker.addEventListener('statechange', look);
    look();
  });
  return registration.scope;
}

/** The suite of one engine in one file. */
function defineSuite(engine, define) {
  const shared = SharedBrowser.of(engine);
  const { available, reason } = findBrowser(engine);
  after(() => shared.release());

  const test = (name, ...rest) => {
    const body = rest.pop();
    const { timeout = TEST_MS, throttleTotal, skip = false, mayLeaveOrphans = false } = rest[0] ?? {};
    const missing = !available && !process.env.CI && reason;
    // The limit below lets the clean-up run; node's own is only for a clean-up that hangs.
    nodeTest(name, { skip: skip || missing, timeout: timeout + 60_000 }, async (t) => {
      if (!available) throw new Error(`${engine}: ${reason}`);
      const context = new Context(t, engine, shared, await startServer({ throttleTotal }));
      try {
        await shared.running();
        await within(Promise.resolve(body(context)), timeout, () => `"${name}" is not done`);
        if (!mayLeaveOrphans) await context.assertNoOrphans();
      } catch (error) {
        await context.report();
        throw error;
      } finally {
        await context.cleanUp();
      }
    });
  };
  define({ engine, persistent: PERSISTENT.includes(engine), test });
}

/**
 * Defines the same tests for each engine that the variable ENGINES names, by default all:
 *
 *     forEachEngine('resuming', ({ engine, persistent, test }) => {
 *       test('goes on after a cut', { timeout: 20_000 }, async ({ server, openPage }) => { ... });
 *     });
 *
 * The options of a test are `timeout` in ms, `skip` (true or a reason), `throttleTotal` of its server, and
 * `mayLeaveOrphans` for one that puts rows into the polyfill's database that belong to no fetch, and leaves them there.
 * Where a browser is missing the tests are skipped, with CI=true they fail.
 */
export function forEachEngine(name, define) {
  for (const engine of chosenEngines()) describe(`${name}, ${engine}`, () => defineSuite(engine, define));
}
