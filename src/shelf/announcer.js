import { create } from './dom.js';

/** A screen reader says one thing to its end. */
const PAUSE_MS = 1500;
/** What many have to say is not said one by one. */
const MOST = 5;

/**
 * The announcers of this page, of which the first speaks for all.
 *
 * @type {Announcer[]}
 */
const announcers = [];

/** The live region: tells who does not see the element what becomes of what it shows. */
export class Announcer {
  element = create('div', { part: 'announcer', role: 'status' });
  /** @type {string[]} */
  #waiting = [];
  #timer = 0;

  open() {
    announcers.push(this);
  }

  close() {
    announcers.splice(announcers.indexOf(this), 1);
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#waiting = [];
    this.element.textContent = '';
  }

  /** @param {string} text */
  say(text) {
    if (announcers[0] !== this || document.hidden) return;
    this.#waiting = [...this.#waiting, text].slice(-MOST);
    this.#timer ||= setTimeout(() => this.#next());
  }

  #next() {
    const text = this.#waiting.shift();
    this.element.textContent = text ?? '';
    this.#timer = text === undefined ? 0 : setTimeout(() => this.#next(), PAUSE_MS);
  }
}
