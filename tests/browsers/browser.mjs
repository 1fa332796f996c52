import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { removeAtExit, within } from './process-tree.mjs';

const CLOSE_MS = 10_000;
const STORED_MS = 30_000;

/**
 * A running browser. The engines' subclasses give the abstract methods, of which `doStart()` sets `tree`, and where it takes
 * time `hasStored(scope)`.
 *
 * @abstract
 */
export class Browser {
  /** @type {import('./process-tree.mjs').ProcessTree} */
  tree;
  /** @type {Set<import('./page.mjs').Page>} */
  pages = new Set();
  ended = false;
  #removeProfile = false;
  #emptyWindows = [];

  constructor(engine, paths, quota) {
    this.engine = engine;
    this.paths = paths;
    this.quota = quota;
    // Rejects when the browser is closed, killed or crashes, so that nothing waits for its answer.
    this.gone = new Promise((resolve, reject) => {
      this.markEnded = (why) => {
        this.ended = true;
        reject(new Error(`${engine}: ${why}`));
      };
    });
    this.gone.catch(() => {});
  }

  /** @abstract @returns {Promise<void>} */
  doStart() {
    throw new Error('A subclass gives it.');
  }

  /** @abstract @returns {Promise<any>} */
  doOpenWindow() {
    throw new Error('A subclass gives it.');
  }

  /**
   * @abstract
   * @param {any} window
   * @returns {import('./page.mjs').Page}
   */
  // eslint-disable-next-line no-unused-vars -- Subclasses use it.
  pageIn(window) {
    throw new Error('A subclass gives it.');
  }

  /** @abstract @returns {Promise<void>} */
  doClose() {
    throw new Error('A subclass gives it.');
  }

  async start(profile) {
    // The drivers' temporary files go with the browser, even when it is killed.
    this.directory = await mkdtemp(join(tmpdir(), `bed-${this.engine}-`));
    this.#removeProfile = profile === undefined;
    this.profile = profile ?? (await mkdtemp(join(tmpdir(), `bed-profile-`)));
    removeAtExit(this.directory);
    if (this.#removeProfile) removeAtExit(this.profile);
    try {
      await this.doStart();
    } catch (error) {
      await this.#finish('did not start');
      throw error;
    }
    this.tree.exited.then(() => this.markEnded(`it has ended\n${this.tree.output}`));
    return this;
  }

  /** Opens a window, or takes one that was given back; others stay open. */
  async newPage(url) {
    const page = this.pageIn(this.#emptyWindows.pop() ?? (await this.#openWindow()));
    this.pages.add(page);
    if (url !== undefined) await page.goto(url);
    return page;
  }

  #openWindow() {
    const opened = Promise.race([this.doOpenWindow(), this.gone]);
    return within(opened, 30_000, () => `${this.engine}: a new window`);
  }

  /** Leaves a page, and keeps its window for the next: to open one costs a third to a half of a short test. */
  async giveBack(page) {
    await page.goto('about:blank');
    page.closed = true;
    this.#emptyWindows.push(page.window);
  }

  /**
   * Resolves when the registration of an activated service worker has reached the profile, so that it is there again
   * after `kill()`. Firefox and WebKit write it some time after they have told the page.
   */
  async registrationStored(scope) {
    const deadline = performance.now() + STORED_MS;
    while (!(await this.hasStored(scope))) {
      if (performance.now() > deadline)
        throw new Error(`${this.engine} has not stored the registration of ${scope}`);
      await delay(10);
    }
  }

  /**
   * @param {string} scope
   * @returns {Promise<boolean>}
   */
  // eslint-disable-next-line no-unused-vars -- Subclasses use it.
  async hasStored(scope) {
    return true;
  }

  /** Ends it in order, so that it can write what it keeps. Never fails: what does not end is killed. */
  async close() {
    if (!this.ended) {
      this.markEnded('it was closed');
      await within(this.doClose(), CLOSE_MS, () => 'close').catch(() => {});
    }
    await this.#finish('it was closed');
  }

  /** SIGKILL to all its processes, as in a crash or a power cut. */
  async kill() {
    await this.#finish('it was killed');
  }

  async #finish(why) {
    for (const page of this.pages) page.closed = true;
    this.markEnded(why);
    await this.tree?.kill();
    await rm(this.directory, { recursive: true, force: true, maxRetries: 5 });
    if (this.#removeProfile) await rm(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
