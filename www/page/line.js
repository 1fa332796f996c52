import { byId, setText } from './dom.js';
import { log } from './log.js';

const POLL = 2500;
const OUTAGE_SECONDS = 10;

/** The line to the server: is it up, how fast is it, and what if it breaks. */
export class Line {
  /** Where the same assets are of another origin; '' until the server has answered. */
  otherOrigin = '';

  start() {
    byId('speed').addEventListener('change', ({ target }) =>
      this.#post({ bytesPerSecond: Number(target.value) }),
    );
    byId('cut').addEventListener('click', () => {
      this.#post({ outageSeconds: OUTAGE_SECONDS });
      log(`The line is cut for ${OUTAGE_SECONDS} seconds: every connection breaks, new ones are refused.`);
    });
    setInterval(() => {
      if (document.visibilityState === 'visible') this.#ask();
    }, POLL);
    return this.#ask();
  }

  async #ask(init) {
    try {
      const response = await fetch('/control', { cache: 'no-store', ...init });
      if (!response.ok) throw new Error(`The server answered ${response.status}.`);
      const { bytesPerSecond, otherOrigin } = await response.json();
      this.otherOrigin = otherOrigin;
      for (const choice of byId('speed').elements) choice.checked = Number(choice.value) === bytesPerSecond;
      this.#show(true);
    } catch {
      this.#show(false);
    }
  }

  #post(wish) {
    return this.#ask({
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(wish),
    });
  }

  #show(up) {
    const badge = byId('server');
    badge.dataset.server = up ? 'on' : 'off';
    setText(badge, up ? 'Server on' : 'Server off');
    byId('speed').disabled = !up;
    byId('cut').disabled = !up;
    byId('offline-note').hidden = up;
  }
}
