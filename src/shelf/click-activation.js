/** WebKit lets timers that a click has set do what the click may, if they are no longer than that. */
const LONGEST_MS = 1000;
const STEP_MS = 50;

/**
 * What a click in this page allows, for the worker that asks for it a moment later. Chromium and Firefox allow it for seconds
 * (https://html.spec.whatwg.org/#transient-activation). To be made within the click.
 */
export class ClickActivation {
  #navigates;
  /** @type {(() => void)[]} */
  #waiting = [];

  /** @param {boolean} navigates whether the page is left for a window that the browser blocks */
  constructor(navigates) {
    this.#navigates = navigates;
    for (let ms = STEP_MS; ms <= LONGEST_MS; ms += STEP_MS) setTimeout(() => this.#waiting.shift()?.(), ms);
  }

  /**
   * Whether the window is there, or will be.
   *
   * @param {string} url
   */
  async open(url) {
    if (openWindow(url) || (await this.#openInTimer(url))) return true;
    if (this.#navigates) location.assign(url);
    return this.#navigates;
  }

  /** The page was clicked, so that it has the focus, or may take it. */
  async focus() {
    window.focus();
    return true;
  }

  /** @param {string} url */
  #openInTimer(url) {
    return new Promise((resolve) => {
      this.#waiting.push(() => resolve(openWindow(url)));
      setTimeout(resolve, LONGEST_MS, false);
    });
  }
}

/** @param {string} url */
function openWindow(url) {
  const opened = window.open(url);
  // As a window that the browser opens for a worker has none.
  if (opened) opened.opener = null;
  return opened !== null;
}
