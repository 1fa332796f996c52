/** Keeps the screen on (https://w3c.github.io/screen-wake-lock/) while it is wanted and the page is visible. */
export class ScreenLock {
  /** @type {WakeLockSentinel | undefined} */
  #lock;
  #isWanted = false;
  #isAsking = false;

  /** @param {boolean} isWanted */
  want(isWanted) {
    if (isWanted === this.#isWanted) return;
    this.#isWanted = isWanted;
    if (isWanted) document.addEventListener('visibilitychange', this.#update);
    else document.removeEventListener('visibilitychange', this.#update);
    this.#update();
  }

  /** The browser takes the lock from a page that is hidden. */
  #update = async () => {
    if (!this.#isWanted) {
      await this.#lock?.release();
      this.#lock = undefined;
      return;
    }
    if (document.hidden || this.#isAsking || this.#lock?.released === false || !navigator.wakeLock) return;
    this.#isAsking = true;
    try {
      this.#lock = await navigator.wakeLock.request('screen');
    } catch {
      // The battery is low, or the page may not.
    }
    this.#isAsking = false;
    if (!this.#isWanted) await this.#update();
  };
}
