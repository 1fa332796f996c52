import { announcementOf } from './announcements.js';
import { create } from './dom.js';
import { formatPercent } from './format.js';

/** A screen reader says one thing to its end. */
const PAUSE_MS = 1500;
/** What many fetches have to say is not said one by one. */
const MOST = 5;

/**
 * The announcers of this page, of which the first speaks for all.
 *
 * @type {Announcer[]}
 */
const announcers = [];

/** The live region: tells who does not see the shelf what becomes of the fetches. */
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

  /**
   * @param {import('./entry.js').Entry | undefined} before
   * @param {import('./entry.js').Entry} after
   * @param {typeof import('./texts.js').TEXTS} texts
   */
  tell(before, after, texts) {
    const announcement = announcementOf(before, after);
    if (announcement) this.say(textOf(announcement, after, texts));
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

/**
 * @param {import('./announcements.js').Announcement} announcement
 * @param {import('./entry.js').Entry} entry
 * @param {typeof import('./texts.js').TEXTS} texts
 */
function textOf(announcement, { title, failureReason }, texts) {
  switch (announcement.kind) {
    case 'start':
      return texts.announceStart(title);
    case 'pause':
      return texts.announcePaused(title);
    case 'share':
      return texts.announceShare(title, formatPercent(texts.language, announcement.share));
    case 'success':
      return texts.announceSuccess(title);
    case 'failure':
      return texts.announceFailure(title, texts.failures[failureReason || 'fetch-error']);
  }
}
