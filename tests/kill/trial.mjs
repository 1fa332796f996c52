import { setTimeout as delay } from 'node:timers/promises';
import { within } from '../browsers/process-tree.mjs';
import { Choices } from '../choices.mjs';
import { addFaultyFiles } from './faulty-files.mjs';
import { chooseKills, isReached } from './kill-moments.mjs';
import { Life } from './life.mjs';
import { Outcome } from './outcome.mjs';
import { addApp } from './trial-app.mjs';

const ID = 'films';
/** Longest time in ms for a step; so long after the last kill the fetch has to be through. */
const LIMIT = 30_000;
const DESCRIBE_MS = 10_000;
/** What Chromium tells of a database that it has deleted. */
const DELETED_BY_BROWSER = /database was corrupt/;

/** The app reported what it could not do. */
class Refused extends Error {}

/**
 * One background fetch, from fetch() until its event was handled and nothing of it is left in the database, and the kills
 * that come before that.
 */
export class Trial {
  #context;
  #kills;
  #sizes;
  #downloadTotal;
  #lives = [];
  #page;
  #isAcknowledged = false;
  #isOver = false;

  /**
   * `context` has a fresh `server`, the running `browser` and `restartBrowser()`, which kills it: that of a test of
   * tests/e2e/harness.mjs will do.
   */
  constructor(seed, context) {
    const choices = new Choices(seed);
    this.outcome = new Outcome(seed);
    this.#context = context;
    this.#kills = chooseKills(choices.of('kills'));
    this.#sizes = addFaultyFiles(context.server, choices.of('files'));
    const total = Object.values(this.#sizes).reduce((sum, size) => sum + size, 0);
    this.#downloadTotal = choices.of('options').chance(0.5) ? total : 0;
    const delays = choices.of('delays');
    const longest = { begun: 300, stored: 150 };
    addApp(context.server, {
      answerDelay: (what) => (what in longest ? delays.between(0, longest[what]) : 0),
    });
  }

  async run() {
    const begin = performance.now();
    try {
      await this.#live();
      if (this.outcome.isGood && !this.outcome.deleted) await this.#checkEnd();
    } catch (error) {
      if (!(error instanceof Refused)) this.outcome.hung = error.message;
    }
    this.#checkReports();
    this.outcome.ms = performance.now() - begin;
    if (!this.outcome.isGood) this.outcome.state = await this.#describe();
    if (!this.#context.browser.ended) await this.#page?.close();
    return this.outcome;
  }

  get #life() {
    return this.#lives.at(-1);
  }

  async #live() {
    await this.#open();
    for (const moment of this.#kills) {
      if (this.#isOver) return;
      await this.#reach(moment);
      await this.#kill(moment);
    }
  }

  /** Opens a page, as a user would who comes back. */
  async #open() {
    const { browser, server } = this.#context;
    const life = new Life(server, this.#sizes);
    this.#page = await browser.newPage();
    this.#page.timeout = LIMIT;
    await this.#page.goto(server.url('/'));
    life.begin(await this.#page.evaluate(() => window.trial.opened));
    if (this.#lives.length === 0) {
      const scope = await this.#page.evaluate(() => window.trial.install());
      await browser.registrationStored(scope);
    }
    this.#lives.push(life);
    this.#goOn();
  }

  #goOn() {
    const life = this.#life;
    if (life.wasThere) {
      this.#isAcknowledged = true;
      this.#inPage((id) => window.trial.find(id), ID);
    } else if (this.#lives.some(({ step }) => step === 'ended')) {
      this.#isOver = true;
    } else if (this.#isAcknowledged) {
      this.#isOver = true;
      const { absence = 'the database has no rows' } = life.stored;
      if (DELETED_BY_BROWSER.test(absence)) {
        this.outcome.deleted = absence;
        return;
      }
      this.outcome.lost.push({
        bytes: 0,
        what: `the fetch is gone, and its event was not handled: ${absence}`,
      });
    } else {
      const begin = (id, paths, options) => window.trial.begin(id, paths, options);
      this.#inPage(begin, ID, life.paths, { downloadTotal: this.#downloadTotal });
    }
  }

  /** Its result, if any, is reported to the server: the page may be killed before it comes. */
  #inPage(fn, ...args) {
    this.#page.evaluate(fn, ...args).catch(() => {});
  }

  #until(condition, message) {
    const look = () => {
      const [problem] = [...this.#life.reports('rejected'), ...this.#life.reports('unstorable')];
      if (problem) throw new Refused(problem.message);
      return condition();
    };
    return this.#context.server.until(look, { timeout: LIMIT, message });
  }

  async #reach(moment) {
    if (moment.kind === 'time') await delay(moment.ms);
    else await this.#until(() => isReached(moment, this.#life), `${moment.kind}, to kill the browser then`);
    await delay(moment.late);
  }

  async #kill({ kind }) {
    const killed = this.#life;
    await this.#context.restartBrowser();
    killed.end();
    if (killed.reports('resolved').length > 0) this.#isAcknowledged = true;
    await this.#open();
    this.outcome.kills.push({
      kind,
      step: killed.step,
      resent: this.#isOver ? 0 : killed.resentBy(this.#life),
    });
    this.#compare(killed, this.#life);
  }

  /** What a life has left to the next. */
  #compare(killed, next) {
    const { lost, unreadable } = this.outcome;
    this.#checkRequests(killed);
    unreadable.push(...next.stored.damaged);
    const bytes = next.wasThere ? killed.lostBy(next) : 0;
    if (bytes > 0) lost.push({ bytes, what: `${bytes} bytes are not there after a kill` });
  }

  #checkRequests(life) {
    const { lost } = this.outcome;
    for (const { path, bytes } of life.fetchedAgain()) {
      lost.push({ bytes, what: `${bytes} stored bytes of ${path} are asked for again` });
    }
    const bytes = life.shownTooFew();
    if (bytes > 0) lost.push({ bytes, what: `${bytes} stored bytes are not shown to the next page` });
  }

  async #checkEnd() {
    const life = this.#life;
    if (!this.#isOver) await this.#until(() => life.step === 'ended', 'the end of the event');
    await this.#page.waitFor({ timeout: LIMIT }, async () => (await window.app.rows()) === 0);
    this.#checkRequests(life);
    for (const path of life.paths) {
      const hash = await this.#page.evaluate((id, url) => window.app.hash(id, url), ID, path);
      if (hash === undefined) this.outcome.corrupt.push(`${path} is not in the cache`);
      else if (hash !== this.#context.server.sha256(path)) this.outcome.corrupt.push(`${path} in the cache`);
    }
  }

  #checkReports() {
    const { lost, corrupt, repeated } = this.outcome;
    const total = Object.values(this.#sizes).reduce((sum, size) => sum + size, 0);
    const right = { id: ID, result: 'success', failureReason: '', recordsAvailable: 'true' };
    Object.assign(right, { downloaded: String(total), downloadTotal: String(this.#downloadTotal) });
    for (const life of this.#lives) {
      for (const { name, message } of life.reports('rejected')) {
        lost.push({ bytes: 0, what: `the page got ${name}, ${message}` });
      }
      for (const { name, message } of life.reports('unstorable')) corrupt.push(`${name}, ${message}`);
      const events = life.reports('begun');
      this.outcome.events += events.length;
      if (events.length > 1) repeated.push(`${events.length} events in one life of the browser`);
      for (const event of events) {
        const text = JSON.stringify(event);
        if (event.type !== 'backgroundfetchsuccess') lost.push({ bytes: 0, what: `it failed: ${text}` });
        else if (Object.keys(right).some((name) => event[name] !== right[name])) corrupt.push(text);
      }
    }
  }

  async #describe() {
    try {
      const described = this.#page.evaluate(() => window.trial.describe());
      return await within(described, DESCRIBE_MS, () => 'the state of the page');
    } catch (error) {
      return error.message;
    }
  }
}
