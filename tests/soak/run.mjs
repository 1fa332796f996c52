import { requestLine } from '../server/request-log.mjs';
import { Examiner } from './examiner.mjs';
import { Ledger } from './ledger.mjs';
import { addApp } from './soak-app.mjs';
import { figures } from './summary.mjs';
import { Tab } from './tab.mjs';
import { Verdict } from './verdict.mjs';

const TABS = 4;
/** Longest time in ms until everything is through, once there are no more faults. */
const LIMIT = 120_000;
/** Longest delay in ms of an answer that the worker waits for in the handler of an event. */
const ANSWER = 200;

/** Some minutes of four windows, and what is to come of them. */
export class Run {
  ledger;
  #examiner;
  #tabs;
  #context;
  #begin = performance.now();
  /** What the server was asked and had not answered to the end when a window was stuck for the first time. */
  unanswered = [];

  /** `context` has a fresh `server` and the running `browser`. */
  constructor(choices, context) {
    const { server } = context;
    this.#examiner = new Examiner(server);
    this.ledger = new Ledger(server, {
      ended: (download, event) => this.#examiner.examine(download, event),
    });
    this.#context = { ...context, ledger: this.ledger, stuck: () => this.#look() };
    this.#tabs = Array.from({ length: TABS }, (_, n) => new Tab(choices.of(`tab ${n}`), this.#context));
    const delays = choices.of('answers');
    addApp(server, {
      receive: (report) => this.ledger.receive(report),
      answerDelay: ({ what }) => (what === 'begun' ? delays.between(0, ANSWER) : 0),
    });
  }

  figures() {
    const minutes = (performance.now() - this.#begin) / 60_000;
    return figures({ minutes, ledger: this.ledger, examiner: this.#examiner, tabs: this.#tabs });
  }

  /** Goes on for so many ms, then lets everything come to its end and gives the verdict. */
  async last(ms) {
    const end = performance.now() + ms;
    await this.#examiner.open(this.#context.browser);
    const isOver = () => performance.now() >= end;
    await this.#each((tab) => tab.live(isOver));
    this.ledger.hasFaults = false;
    await this.#each((tab) => tab.settle());
    // If not, the verdict says which.
    await this.#context.server.until(() => this.ledger.open.length === 0, { timeout: LIMIT }).catch(() => {});
    const left = await this.#examiner.leftInDatabase();
    await this.#examiner.done();
    return new Verdict(this.ledger, { left, stuck: this.#tabs.flatMap(({ stuck }) => stuck) });
  }

  /** The downloads that something is wrong with. */
  suspects() {
    return this.ledger.all.filter(
      ({ damage, wrongEvents, refused, isBegun, isThrough }) =>
        damage.length + wrongEvents.length + refused.length > 0 || (isBegun && !isThrough),
    );
  }

  #each(work) {
    return Promise.all(this.#tabs.map(work));
  }

  #look() {
    if (this.unanswered.length > 0) return;
    const now = performance.now();
    const open = this.#context.server.requests().filter(({ done }) => !done);
    this.unanswered = open.map(
      (request) => `${requestLine(request)}, ${(now - request.at).toFixed(0)} ms ago`,
    );
  }
}
