import { byId, onPress, setText } from './dom.js';

/** Asks before something is thrown away. The answer that keeps it has the focus, so a second Enter does no harm. */
export class Question {
  #dialog = byId('question');
  #answer = () => {};

  constructor() {
    onPress(byId('question-no'), () => this.withdraw());
    onPress(byId('question-yes'), () => this.#close(true));
    // For Escape. The event comes late: another question may have been put meanwhile.
    this.#dialog.addEventListener('close', () => this.#dialog.open || this.#answer(false));
  }

  /**
   * @param {{ title: string, text: string, no: string, yes: string }} words
   * @returns {Promise<boolean>} whether to throw it away
   */
  ask({ title, text, no, yes }) {
    setText(byId('question-title'), title);
    setText(byId('question-text'), text);
    setText(byId('question-no'), no);
    setText(byId('question-yes'), yes);
    this.#dialog.showModal();
    return new Promise((resolve) => (this.#answer = resolve));
  }

  /** As if it were answered with no: also when what it asks about has ended by itself. */
  withdraw() {
    this.#close(false);
  }

  #close(answer) {
    this.#answer(answer);
    this.#dialog.close();
  }
}
