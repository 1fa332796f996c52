import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Browser } from './browser.mjs';
import { displayVariables } from './display.mjs';
import { Page, wrapped } from './page.mjs';
import { ProcessTree } from './process-tree.mjs';

const PROGRAM = fileURLToPath(new URL('webkit.py', import.meta.url));

class WebKitPage extends Page {
  constructor(browser, window) {
    super(browser);
    this.window = window;
  }

  #ask(method, params = {}) {
    return this.browser.ask(method, { window: this.window, ...params });
  }

  doGoto(url) {
    return this.#ask('goto', { url });
  }

  doReload() {
    return this.#ask('reload');
  }

  doEvaluate(source, args) {
    return this.#ask('evaluate', { body: `return await ${wrapped(source, args)}` });
  }

  /** Ends the process that the window's page runs in, and no other. */
  crash() {
    return this.#ask('crash');
  }

  doScreenshot(file) {
    return this.#ask('screenshot', { file });
  }

  doClose() {
    return this.#ask('close');
  }
}

/** WebKitGTK with a persistent profile, as in Safari's normal windows; driven by webkit.py. */
export class WebKit extends Browser {
  /** @type {string[]} */
  flags = [];
  #questions = new Map();
  #count = 0;

  async doStart() {
    const env = await displayVariables(this.paths.display);
    Object.assign(env, { TMPDIR: this.directory, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1' });
    /** @type {'pipe'[]} */
    const stdio = ['pipe', 'pipe', 'pipe', 'pipe'];
    const quota = this.quota ? ['--quota', String(this.quota)] : [];
    const args = [PROGRAM, this.profile, ...this.flags, ...quota];
    this.tree = new ProcessTree(this.paths.python, args, { env, stdio });
    // It may have ended when we write; `gone` tells that better than EPIPE.
    this.tree.child.stdin.on('error', () => {});
    createInterface({ input: this.tree.child.stdio[3] }).on('line', (line) =>
      this.#answered(JSON.parse(line)),
    );
    const ended = this.tree.exited.then(() =>
      Promise.reject(new Error(`webkit.py ended:\n${this.tree.output}`)),
    );
    await Promise.race([this.ask('ready'), ended]);
  }

  /** Sends a command to webkit.py and gives its answer. */
  ask(method, params = {}) {
    const id = (this.#count += 1);
    return new Promise((resolve, reject) => {
      this.#questions.set(id, { resolve, reject });
      this.tree.child.stdin.write(`${JSON.stringify({ id, method, ...params })}\n`);
    });
  }

  #answered({ id, result, error }) {
    const { resolve, reject } = this.#questions.get(id);
    this.#questions.delete(id);
    if (error === undefined) resolve(result);
    else reject(new Error(`webkit: ${error}`));
  }

  pageIn(window) {
    return new WebKitPage(this, window);
  }

  doOpenWindow() {
    return this.ask('open');
  }

  hasStored(scope) {
    return this.ask('stored', { scope });
  }

  async doClose() {
    // The program ends with its input, so it cannot outlive us either.
    this.tree.child.stdin.end();
    await this.tree.exited;
  }
}
