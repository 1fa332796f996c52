import { button, create, setAttribute, setText } from '../shelf/dom.js';

/** @typedef {import('./set-state.js').Action} Action */

/**
 * Actions that are shown as a picture, with their words as a tooltip.
 *
 * @type {Action[]}
 */
const SYMBOLS = ['pause', 'resume', 'cancel', 'pin'];

/** The buttons of a set. One that stays is the same element, so that it keeps the focus. */
export class ActionButtons {
  element = create('div', { part: 'actions', role: 'group' });
  /** @type {Map<Action, HTMLButtonElement>} */
  #buttons = new Map();

  /** @param {(action: Action) => void} act */
  constructor(act) {
    this.element.addEventListener('click', ({ target, detail }) => {
      const pressed = target instanceof Element ? target.closest('button') : null;
      const action = /** @type {Action | undefined} */ (pressed?.dataset.action);
      if (!pressed || !action || pressed.getAttribute('aria-disabled') === 'true') return;
      // The second click of a double click was meant for the button that was there before.
      if (action === 'confirm' && detail > 1) return;
      act(action);
    });
  }

  /** @param {Action} [action] */
  focus(action) {
    const wanted = action && this.#buttons.get(action);
    const first = wanted ?? /** @type {HTMLElement | null} */ (this.element.firstElementChild);
    first?.focus();
    return first !== null;
  }

  /**
   * @param {Action[]} actions
   * @param {string} title
   * @param {import('./set-state.js').Texts} texts
   */
  show(actions, title, texts) {
    for (const [action, each] of this.#buttons) {
      if (actions.includes(action)) continue;
      each.remove();
      this.#buttons.delete(action);
    }
    actions.forEach((action, at) => {
      const each = this.#button(action);
      const isSymbol = SYMBOLS.includes(action);
      if (isSymbol) setAttribute(each, 'title', texts[/** @type {'pin'} */ (action)]);
      else setText(each, texts[/** @type {'store'} */ (action)]);
      setAttribute(each, 'aria-label', texts.actionOn(texts[/** @type {'store'} */ (action)], title));
      const there = this.element.children[at] ?? null;
      if (there !== each) this.element.insertBefore(each, there);
    });
  }

  /** @param {boolean} isPinned */
  showPinned(isPinned) {
    const pin = this.#buttons.get('pin');
    if (pin) setAttribute(pin, 'aria-pressed', `${isPinned}`);
  }

  /** @param {boolean} isBusy */
  showBusy(isBusy) {
    // Not `disabled`, which would take the focus away.
    for (const each of this.#buttons.values())
      setAttribute(each, 'aria-disabled', isBusy ? 'true' : undefined);
  }

  /** @param {Action} action */
  #button(action) {
    const known = this.#buttons.get(action);
    if (known) return known;
    const made = button(`button ${SYMBOLS.includes(action) ? 'symbol ' : ''}${action}`);
    made.dataset.action = action;
    this.#buttons.set(action, made);
    return made;
  }
}
