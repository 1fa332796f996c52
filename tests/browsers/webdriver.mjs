import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { Builder } from 'selenium-webdriver';
import { Browser } from './browser.mjs';
import { Mutex } from './mutex.mjs';
import { Page, wrapped } from './page.mjs';
import { ProcessTree } from './process-tree.mjs';

// A command that waits for a page keeps the session busy, and the promise may depend on what the test does in
// another window. So each waits this long at most, and is asked again.
const SLICE_MS = 100;

const PENDING = `
  const table = window[Symbol.for('test bed')] ??= new Map();
  const done = arguments[arguments.length - 1];
  const wait = (promise) => {
    const slice = new Promise((resolve) => setTimeout(resolve, ${SLICE_MS}, null));
    Promise.race([promise, slice]).then((json) => {
      if (json !== null) table.delete(arguments[0]);
      done(json);
    });
  };`;

const ASK = `${PENDING}
  if (table.has(arguments[0])) wait(table.get(arguments[0]));
  else done(JSON.stringify({ error: { name: 'NavigationError', message: 'The page was left meanwhile' } }));`;

// What the drivers say, each in its own words, when a page is left while a script waits in it.
const LEFT = new Set([
  'ScriptTimeoutError',
  'JavascriptError',
  'NoSuchFrameError',
  'StaleElementReferenceError',
]);

let evaluations = 0;

class WebDriverPage extends Page {
  constructor(browser, handle) {
    super(browser);
    this.window = handle;
  }

  #inWindow(work) {
    return this.browser.inWindow(this.window, work);
  }

  doGoto(url) {
    return this.#inWindow((driver) => driver.get(url));
  }

  doReload() {
    return this.#inWindow((driver) => driver.navigate().refresh());
  }

  async doEvaluate(source, args) {
    const id = (evaluations += 1);
    const begin = `${PENDING}
      const promise = ${this.browser.inPageRealm(wrapped(source, args))};
      table.set(arguments[0], promise);
      wait(promise);`;
    try {
      let json = await this.#inWindow((driver) => driver.executeAsyncScript(begin, id));
      while (json === null && !this.closed && !this.browser.ended) {
        json = await this.#inWindow((driver) => driver.executeAsyncScript(ASK, id));
      }
      return json;
    } catch (error) {
      if (!LEFT.has(error.name)) throw error;
      return JSON.stringify({
        error: { name: 'NavigationError', message: `The page was left: ${error.message}` },
      });
    }
  }

  /** Chromium only: a command of the DevTools Protocol, for what no user and no script can do. */
  devTools(command, params) {
    return this.#inWindow((driver) => driver.sendAndGetDevToolsCommand(command, params));
  }

  /** Chromium only: the bytes that an origin may store. */
  limitStorage(origin, quotaSize) {
    return this.devTools('Storage.overrideQuotaForOrigin', { origin, quotaSize });
  }

  /** Chromium only: as the browser does it with pages in the background, which then run no scripts. */
  freeze() {
    return this.devTools('Page.setWebLifecycleState', { state: 'frozen' });
  }

  /** Chromium only: ends the process that the page runs in, and no other. */
  async crash() {
    // Nobody is left to answer.
    await this.devTools('Page.crash', {}).catch(() => {});
  }

  async doScreenshot(file) {
    await writeFile(file, await this.#inWindow((driver) => driver.takeScreenshot()), 'base64');
  }

  doClose() {
    return this.browser.closeWindow(this.window);
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

/** A browser behind a WebDriver; subclasses give `driverCommand(port)` and `capabilities()`. */
export class WebDriverBrowser extends Browser {
  #mutex = new Mutex();
  #first;
  #current;
  #driver;

  /**
   * @abstract
   * @param {number} port
   * @returns {any}
   */
  // eslint-disable-next-line no-unused-vars -- Subclasses use it.
  driverCommand(port) {
    throw new Error('A subclass gives it.');
  }

  /** @abstract @returns {object | Promise<object>} */
  capabilities() {
    throw new Error('A subclass gives it.');
  }

  async doStart() {
    const port = await freePort();
    const { args, env, ready } = await this.driverCommand(port);
    this.tree = new ProcessTree(this.paths.driver, args, { env: { ...env, TMPDIR: this.directory } });
    if (ready) await this.tree.printed(ready);
    else await this.#answers(port);
    this.#driver = await new Builder()
      .usingServer(`http://127.0.0.1:${port}`)
      .withCapabilities({ unhandledPromptBehavior: 'accept', ...(await this.capabilities()) })
      .build();
    await this.#driver.manage().setTimeouts({ script: 120_000, pageLoad: 60_000 });
    // Never handed out: a session ends with its last window, and needs one that is open to open others.
    this.#first = await this.#driver.getWindowHandle();
    this.#current = this.#first;
  }

  /** Some drivers print nothing when they are ready. */
  async #answers(port) {
    for (const deadline = performance.now() + 20_000; performance.now() < deadline;) {
      const answer = await fetch(`http://127.0.0.1:${port}/status`).catch(() => null);
      if (answer?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`${this.paths.driver} is not ready:\n${this.tree.output}`);
  }

  /** An expression that evaluates the given one among the page's own globals. */
  inPageRealm(expression) {
    return expression;
  }

  inWindow(handle, work) {
    return this.#mutex.run(async () => {
      await this.#switchTo(handle);
      return work(this.#driver);
    });
  }

  async #switchTo(handle) {
    if (this.ended) throw new Error(`${this.engine} has ended`);
    if (this.#current === handle) return;
    await this.#driver.switchTo().window(handle);
    this.#current = handle;
  }

  pageIn(handle) {
    return new WebDriverPage(this, handle);
  }

  doOpenWindow() {
    return this.#mutex.run(async () => {
      await this.#switchTo(this.#first);
      await this.#driver.switchTo().newWindow('window');
      this.#current = await this.#driver.getWindowHandle();
      return this.#current;
    });
  }

  async closeWindow(handle) {
    await this.inWindow(handle, (driver) => driver.close());
    this.#current = undefined;
  }

  async doClose() {
    await this.#driver.quit();
  }
}
