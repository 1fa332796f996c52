import { create, setAttribute, setText } from '../shelf/dom.js';
import { bestIcon } from '../shelf/entry.js';
import { formatPercent } from '../shelf/format.js';
import { ActionButtons } from './action-buttons.js';
import { actionsOf, amountOf, isRunning, shareOf, wordsOf } from './set-state.js';

/** In CSS pixels. */
const ICON_WIDTH = 48;

/** @typedef {import('./set-state.js').SetState} SetState */
/** @typedef {import('./set-state.js').Action} Action */
/** @typedef {import('./set-state.js').Texts} Texts */

/**
 * What is seen of a set beside its state.
 *
 * @typedef {object} Moment
 * @property {boolean} isBusy the worker is being asked
 * @property {boolean} isConfirming the user is asked whether it is to be removed
 * @property {boolean} canPause
 * @property {string} problem
 */

/** One set, in a list item. */
export class SetRow {
  #icon = create('img', {
    part: 'icon',
    alt: '',
    width: `${ICON_WIDTH}`,
    height: `${ICON_WIDTH}`,
    loading: 'lazy',
    decoding: 'async',
  });
  #letter = create('span', { part: 'icon letter', 'aria-hidden': 'true' });
  #title = create('span', { part: 'title' });
  #details = create('span', { part: 'details' });
  #state = create('span', { part: 'state' });
  #value = create('div', { part: 'progress-value' });
  #bar = create(
    'div',
    { part: 'progress', role: 'progressbar', 'aria-valuemin': '0', 'aria-valuemax': '100' },
    this.#value,
  );
  #problem = create('p', { part: 'problem' });
  #buttons;
  item = create('li', { part: 'set' });

  /** @param {(action: Action) => void} act */
  constructor(act) {
    this.#buttons = new ActionButtons(act);
    // A picture that does not come leaves no hole.
    this.#icon.addEventListener('error', () => this.#showPicture(false));
    const text = create('div', { part: 'text' }, this.#title, this.#details, this.#state);
    this.item.append(this.#icon, this.#letter, text, this.#buttons.element, this.#bar, this.#problem);
  }

  /** @param {Action} [action] */
  focus(action) {
    return this.#buttons.focus(action);
  }

  /**
   * @param {SetState} set
   * @param {Moment} moment
   * @param {Texts} texts
   */
  update(set, moment, texts) {
    this.item.dataset.id = set.id;
    setAttribute(this.item, 'data-state', moment.isConfirming ? 'confirming' : set.state);
    setText(this.#title, set.title);
    setText(this.#details, amountOf(set, texts));
    setText(this.#state, moment.isConfirming ? texts.question(set.title) : wordsOf(set, texts));
    this.#showIcon(set);
    this.#showShare(set, texts);
    this.#showActions(set, moment, texts);
    setText(this.#problem, moment.problem);
    this.#problem.hidden = !moment.problem;
  }

  /** @param {SetState} set */
  #showIcon({ icons, title }) {
    setText(this.#letter, [...title.trim()][0]?.toUpperCase() ?? '');
    const src = bestIcon(icons, ICON_WIDTH * devicePixelRatio)?.src;
    if (this.#icon.getAttribute('src') === (src ?? null) && src) return;
    this.#showPicture(Boolean(src));
    setAttribute(this.#icon, 'src', src);
  }

  /** @param {boolean} isThere */
  #showPicture(isThere) {
    this.#icon.hidden = !isThere;
    this.#letter.hidden = isThere;
  }

  /**
   * @param {SetState} set
   * @param {Texts} texts
   */
  #showShare(set, texts) {
    this.#bar.hidden = !isRunning(set);
    if (this.#bar.hidden) return;
    const share = shareOf(set);
    setAttribute(this.#bar, 'aria-label', set.title);
    setAttribute(this.#bar, 'aria-valuenow', `${Math.floor(100 * share)}`);
    setAttribute(this.#bar, 'aria-valuetext', formatPercent(texts.language, share));
    // Not an attribute: a strict Content Security Policy refuses those.
    this.#value.style.setProperty('--share', `${share}`);
  }

  /**
   * @param {SetState} set
   * @param {Moment} moment
   * @param {Texts} texts
   */
  #showActions(set, { isConfirming, canPause, isBusy }, texts) {
    const { element } = this.#buttons;
    const root = /** @type {ShadowRoot} */ (element.getRootNode());
    const hadFocus = element.contains(root.activeElement ?? null);
    setAttribute(element, 'aria-label', isConfirming ? texts.question(set.title) : set.title);
    this.#buttons.show(isConfirming ? ['confirm', 'keep'] : actionsOf(set, canPause), set.title, texts);
    this.#buttons.showPinned(set.isPinned);
    this.#buttons.showBusy(isBusy);
    // Whoever has pressed a button goes on from there.
    if (hadFocus && !element.contains(root.activeElement)) this.#buttons.focus();
  }
}
