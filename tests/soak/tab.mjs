import { setTimeout as delay } from 'node:timers/promises';
import { ELSEWHERE } from './soak-app.mjs';

/** What is done next, and how often. */
const ACTS = { begin: 7, pause: 3, resume: 4, abort: 1, reload: 3, leave: 2, close: 2 };
/** Background fetches that are under way at the same time. */
const MOST_OPEN = 8;
/** Longest time in ms that a user looks at a page before the next act, and that one stays away. */
const LOOK = 800;
const AWAY = 1500;
/** Longest time in ms that a browser may take for a step. */
const LIMIT = 40_000;
/** Time in ms after which a user takes another way back. */
const LONG_FOR_BACK = 10_000;
/** Time in ms that a window has which is stuck to say what it shows. */
const A_WHILE = 5_000;

/** A user of one window, who does what the choices say. */
export class Tab {
  opened = 0;
  closed = 0;
  loads = 0;
  /** How often the browser did not go back in the history. */
  notBack = 0;
  /** Why a window did not go on. */
  stuck = [];
  #choices;
  #context;
  #page = null;

  /** `context` has the `browser`, the `server`, the `ledger`, and `stuck()` to be told of a window that is. */
  constructor(choices, context) {
    this.#choices = choices;
    this.#context = context;
  }

  /** Goes on until `isOver()`. */
  async live(isOver) {
    for (let n = 0; !isOver(); n += 1) {
      const choices = this.#choices.of(n);
      await this.#orAbandon(async () => {
        if (!this.#page) await this.#open();
        await this.#do(choices.weighted(ACTS), choices);
      });
      if (choices.chance(0.7)) await delay(choices.between(0, LOOK));
    }
  }

  /** Shows the app, freshly loaded, and lets everything go on that is paused. */
  async settle() {
    await this.#orAbandon(async () => {
      if (this.#page) await this.#load();
      else await this.#open();
      await this.#page.evaluate(() => window.soak.resumeAll());
    });
  }

  /** The user of a window that is stuck takes another one. */
  async #orAbandon(work) {
    try {
      await work();
    } catch (error) {
      if (this.#context.browser.ended) throw error;
      this.stuck.push(`${error.message}\nIt is: ${await this.#whatItShows()}`);
      this.#context.stuck();
      await this.#page?.close().catch(() => {});
      this.#page = null;
    }
  }

  /** For the report of a window that is stuck. */
  async #whatItShows() {
    if (!this.#page) return 'no window';
    this.#page.timeout = A_WHILE;
    const look = () => [location.href, document.readyState, `${history.length} in the history`].join(', ');
    return this.#page.evaluate(look).catch(({ message }) => message);
  }

  async #open() {
    this.#page = await this.#context.browser.newPage();
    this.#page.timeout = LIMIT;
    this.opened += 1;
    await this.#load();
  }

  async #load() {
    this.loads += 1;
    await this.#page.goto(this.#context.server.url('/'));
  }

  async #do(act, choices) {
    switch (act) {
      case 'begin':
        return this.#begin(choices);
      case 'reload':
        this.loads += 1;
        return this.#page.reload();
      case 'leave':
        return this.#leave(choices);
      case 'close':
        return this.#close(choices);
      default:
        return this.#call(act, choices);
    }
  }

  /** Sometimes the page is left before the promise resolves, and nobody knows whether it would have. */
  async #begin(choices) {
    const { ledger, server } = this.#context;
    const { open } = ledger;
    if (open.length >= MOST_OPEN) return;
    const download = ledger.plan(choices.of('download'));
    const begin = (id, files, options) => window.soak.begin(id, files, options);
    await this.#page.evaluate(begin, download.id, download.files, { downloadTotal: download.downloadTotal });
    if (choices.chance(0.2)) return;
    const message = `what came of fetch('${download.id}')`;
    await server.until(() => download.hasAnswered, { timeout: LIMIT, message });
  }

  /** pause, resume or abort, of a fetch that may be begun by any tab. */
  async #call(name, choices) {
    const { open } = this.#context.ledger;
    const possible = name === 'resume' ? open.filter(({ isMaybePaused }) => isMaybePaused) : open;
    if (possible.length === 0) return;
    const download = possible[choices.between(0, possible.length - 1)];
    download.asked(name);
    await this.#page.evaluate((method, id) => window.soak[method](id), name, download.id);
  }

  /** To another page and back, by its address or in the history, which may bring the very same page back. */
  async #leave(choices) {
    await this.#page.goto(this.#context.server.url(ELSEWHERE));
    await delay(choices.between(0, AWAY));
    if (choices.chance(0.3)) return this.#load();
    this.loads += 1;
    // What runs when the page is left has no result.
    await this.#page.evaluate(() => void setTimeout(() => history.back()));
    await this.#untilBack();
  }

  /**
   * Soon after a page was left, WebKit (2.50) does not get back to it in 1 of 70 cases, with a script and a worker or without:
   * the user enters the address then.
   */
  async #untilBack() {
    const { engine } = this.#context.browser;
    const mayFail = engine === 'webkit';
    try {
      await this.#page.waitFor({ timeout: mayFail ? LONG_FOR_BACK : LIMIT }, () => window.soak !== undefined);
    } catch (error) {
      const shown = await this.#page.evaluate(() => location.pathname);
      if (!mayFail || shown !== ELSEWHERE) throw error;
      this.notBack += 1;
      await this.#load();
    }
  }

  async #close(choices) {
    await this.#page.close();
    this.#page = null;
    this.closed += 1;
    await delay(choices.between(0, AWAY));
  }
}
