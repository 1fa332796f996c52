import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PERSISTENT } from '../../scripts/setup/browsers.mjs';
import { launch } from './index.mjs';
import { removeAtExit } from './process-tree.mjs';

/** One browser for many tests, on one profile. It is started when first needed, and anew when it was lost. */
export class SharedBrowser {
  static #ofEngines = new Map();
  #browser;
  #profile;
  #users = 0;

  constructor(engine) {
    this.engine = engine;
  }

  /** That of all who use the engine in this process; closed when each of them has called `release()`. */
  static of(engine) {
    if (!this.#ofEngines.has(engine)) this.#ofEngines.set(engine, new SharedBrowser(engine));
    const shared = this.#ofEngines.get(engine);
    shared.#users += 1;
    return shared;
  }

  async release() {
    this.#users -= 1;
    if (this.#users === 0) await this.#close();
  }

  get current() {
    return this.#browser;
  }

  async running() {
    if (!this.#browser || this.#browser.ended) {
      await this.#browser?.close();
      this.#browser = await launch(this.engine, { profile: await this.#keptProfile() });
    }
    return this.#browser;
  }

  /** Ends it, by SIGKILL unless `kill` is false, and starts it on the same profile. */
  async restart({ kill = true } = {}) {
    const browser = await this.running();
    await (kill ? browser.kill() : browser.close());
    return this.running();
  }

  async #keptProfile() {
    if (!PERSISTENT.includes(this.engine)) return undefined;
    if (!this.#profile) {
      this.#profile = await mkdtemp(join(tmpdir(), 'bed-shared-'));
      removeAtExit(this.#profile);
    }
    return this.#profile;
  }

  async #close() {
    await this.#browser?.close();
    if (this.#profile) await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
    this.#browser = this.#profile = undefined;
  }
}
