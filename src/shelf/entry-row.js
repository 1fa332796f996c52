import { button, create, setAttribute, setText } from './dom.js';
import { actionsOf, bestIcon, shareOf, stateOf } from './entry.js';
import { FileList } from './file-list.js';
import { formatPercent, formatSize, formatSpeed, formatTime } from './format.js';
import { speedOf, timeLeftOf } from './pace.js';

/** In CSS pixels. */
const ICON_WIDTH = 40;

/** Actions that everybody knows by their picture. */
const SYMBOLS = ['pause', 'resume', 'cancel', 'dismiss'];

/** @typedef {import('./entry.js').Entry} Entry */
/** @typedef {import('./entry.js').Action} Action */
/** @typedef {typeof import('./texts.js').TEXTS} Texts */

/**
 * What a row asks of the shelf.
 *
 * @typedef {object} Asked
 * @property {(action: Action) => void} act
 * @property {() => void} open its body was clicked
 * @property {(from: number, count: number) => Promise<import('./file-list.js').File[]>} readFiles
 */

/** One entry of the shelf, in a list item: made when that is seen. */
export class EntryRow {
  #icon = create('img', { part: 'icon', alt: '', width: `${ICON_WIDTH}`, height: `${ICON_WIDTH}` });
  #title = create('span', { part: 'title' });
  #details = create('span', { part: 'details' });
  #state = create('span', { part: 'state' });
  #body;
  #bar = create('div', {
    part: 'progress',
    role: 'progressbar',
    'aria-valuemin': '0',
    'aria-valuemax': '100',
  });
  #value = create('div', { part: 'progress-value' });
  #actions = create('div', { part: 'actions' });
  /** @type {Map<string, HTMLButtonElement>} */
  #buttons = new Map();
  #showFiles = button('button files-button');
  /** @type {FileList | undefined} */
  #files;
  #asked;

  /**
   * @param {HTMLLIElement} item
   * @param {Entry} entry
   * @param {Asked} asked
   */
  constructor(item, entry, asked) {
    this.#asked = asked;
    this.#body = entry.canOpen ? button('body') : create('div', { part: 'body' });
    this.#body.append(this.#icon, create('span', { part: 'text' }, this.#title, this.#details, this.#state));
    if (entry.canOpen) this.#body.addEventListener('click', () => asked.open());
    this.#bar.append(this.#value);
    this.#actions.addEventListener('click', ({ target }) => {
      const pressed = target instanceof Element ? target.closest('button') : null;
      if (pressed?.dataset.action) asked.act(/** @type {Action} */ (pressed.dataset.action));
    });
    // A picture that does not come leaves no hole.
    this.#icon.addEventListener('error', () => (this.#icon.hidden = true));
    item.append(this.#body, this.#actions, this.#bar, this.#showFiles);
  }

  focus() {
    const first =
      this.#body instanceof HTMLButtonElement ? this.#body : this.#actions.querySelector('button');
    first?.focus();
  }

  /**
   * @param {Entry} entry
   * @param {import('./pace.js').Pace | undefined} pace
   * @param {Texts} texts
   * @param {boolean} isCancelling
   */
  update(entry, pace, texts, isCancelling) {
    const state = isCancelling ? 'cancelling' : stateOf(entry);
    setAttribute(/** @type {Element} */ (this.#body.parentElement), 'data-state', state);
    setText(this.#title, entry.title);
    const amount = amountOf(entry, state, texts);
    this.#details.hidden = !amount;
    setText(this.#details, amount);
    setText(this.#state, wordsOf(entry, state, pace, texts));
    this.#showIcon(entry);
    this.#showShare(entry, state, texts);
    this.#showActions(actionsOf(entry, isCancelling), entry, texts);
    this.#offerFiles(entry, texts);
  }

  /** @param {Entry} entry */
  #showIcon({ icons }) {
    const src = bestIcon(icons, ICON_WIDTH * devicePixelRatio)?.src;
    if (this.#icon.getAttribute('src') === (src ?? null) && src) return;
    this.#icon.hidden = !src;
    setAttribute(this.#icon, 'src', src);
  }

  /**
   * @param {Entry} entry
   * @param {string} state
   * @param {Texts} texts
   */
  #showShare(entry, state, texts) {
    const share = shareOf(entry);
    const percent = share === undefined ? undefined : formatPercent(texts.language, share);
    this.#bar.hidden = ['success', 'failure', 'cancelling'].includes(state);
    setAttribute(this.#bar, 'aria-label', entry.title);
    setAttribute(this.#bar, 'aria-valuenow', share === undefined ? undefined : `${Math.floor(100 * share)}`);
    setAttribute(this.#bar, 'aria-valuetext', percent ?? /** @type {any} */ (texts)[state]);
    // Not an attribute: a strict Content Security Policy refuses those.
    this.#value.style.setProperty('--share', `${share ?? 0}`);
  }

  /**
   * @param {Action[]} actions
   * @param {Entry} entry
   * @param {Texts} texts
   */
  #showActions(actions, entry, texts) {
    const root = /** @type {ShadowRoot} */ (this.#actions.getRootNode());
    const hadFocus = root.activeElement && this.#actions.contains(root.activeElement);
    for (const [action, each] of this.#buttons) {
      if (actions.some((other) => other === action)) continue;
      each.remove();
      this.#buttons.delete(action);
    }
    actions.forEach((action, at) => {
      const isSymbol = SYMBOLS.includes(action);
      const each = this.#buttons.get(action) ?? button(`button ${isSymbol ? 'symbol ' : ''}${action}`);
      this.#buttons.set(action, each);
      each.dataset.action = action;
      if (isSymbol) setAttribute(each, 'title', texts[action]);
      else setText(each, texts[action]);
      setAttribute(each, 'aria-label', texts.actionOn(texts[action], entry.title));
      if (this.#actions.children[at] !== each)
        this.#actions.insertBefore(each, this.#actions.children[at] ?? null);
    });
    // Whoever has pressed a button goes on from there.
    if (hadFocus && !this.#actions.contains(root.activeElement)) {
      const first = this.#actions.querySelector('button');
      if (first) first.focus();
      else this.focus();
    }
  }

  /**
   * @param {Entry} entry
   * @param {Texts} texts
   */
  #offerFiles({ fileCount = 0, title }, texts) {
    this.#showFiles.hidden = fileCount < 2;
    if (this.#showFiles.hidden) {
      this.#files?.element.remove();
      this.#files = undefined;
      return;
    }
    setText(this.#showFiles, texts.files(fileCount));
    setAttribute(this.#showFiles, 'aria-label', texts.actionOn(texts.files(fileCount), title));
    setAttribute(this.#showFiles, 'aria-expanded', `${Boolean(this.#files)}`);
    this.#showFiles.onclick = () => this.#toggleFiles(fileCount, texts);
    this.#files?.update();
  }

  /**
   * @param {number} count
   * @param {Texts} texts
   */
  #toggleFiles(count, texts) {
    if (this.#files) this.#files.element.remove();
    this.#files = this.#files ? undefined : new FileList(this.#asked.readFiles, texts);
    setAttribute(this.#showFiles, 'aria-expanded', `${Boolean(this.#files)}`);
    if (!this.#files) return;
    this.#showFiles.after(this.#files.element);
    this.#files.open(count);
  }
}

/**
 * How much there is.
 *
 * @param {Entry} entry
 * @param {string} state
 * @param {Texts} texts
 */
function amountOf(entry, state, texts) {
  const { language } = texts;
  if (state === 'failure' || state === 'cancelling') return '';
  const done = formatSize(language, entry.downloaded);
  const share = shareOf(entry);
  if (state === 'success' || entry.downloadTotal === 0) return done;
  return `${texts.ofTotal(done, formatSize(language, entry.downloadTotal))} · ${formatPercent(language, share ?? 0)}`;
}

/**
 * What it is at.
 *
 * @param {Entry} entry
 * @param {string} state
 * @param {import('./pace.js').Pace | undefined} pace
 * @param {any} texts
 */
function wordsOf(entry, state, pace, texts) {
  const { language } = texts;
  if (state === 'failure') return texts.failures[entry.failureReason] ?? texts.failure;
  const told = [texts[state]];
  if (['downloading', 'uploading'].includes(state) && pace) {
    const [speed, left] = [speedOf(pace), timeLeftOf(pace, performance.now())];
    if (speed !== undefined) told.push(formatSpeed(language, speed, texts.perSecond));
    if (left !== undefined) told.push(texts.timeLeft(formatTime(language, left)));
  }
  return told.join(' · ');
}
