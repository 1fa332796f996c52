import { byId, onPress, setText, setUsable } from './dom.js';
import { log } from './log.js';

const POLL = 2000;
/** While it does not answer, and where an answer does not come. */
const POLL_AGAIN = 1000;
const PATIENCE = 3000;
const OUTAGE_SECONDS = 10;

const WORDS = { unknown: 'Server …', on: 'Server on', off: 'No answer from the server' };

/** The line to the server: does it answer, how fast is it, and what if it breaks. */
export class Line {
  /** Where the same assets are of another origin; '' until the server has answered. */
  otherOrigin = '';
  /** Whether the server answered when it was asked last. Whether it is off, or cut off, nobody can tell from here. */
  answers = true;
  #bytesPerSecond;
  #listeners = new Set();
  #timer = 0;
  #asked = 0;
  #check;

  start() {
    byId('speed').addEventListener('change', ({ target }) => this.#setSpeed(Number(target.value)));
    onPress(byId('cut'), () => this.#cut());
    const askAnew = () => {
      if (document.visibilityState !== 'visible') return;
      this.#mark('unknown');
      this.#ask();
    };
    document.addEventListener('visibilitychange', askAnew);
    for (const type of ['online', 'offline']) addEventListener(type, askAnew);
    return this.#ask();
  }

  /** @param {(answers: boolean) => void} listener called when the server stops answering, or answers again */
  listen(listener) {
    this.#listeners.add(listener);
  }

  /** Asks at once, where what was known last may no longer be true. */
  check() {
    this.#check ??= this.#ask().finally(() => (this.#check = undefined));
    return this.#check;
  }

  /** Asks the server how its knobs stand, or with `wish` turns them. Gives whether it has answered. */
  async #ask(wish) {
    const asked = (this.#asked += 1);
    const limit = new AbortController();
    const patience = setTimeout(() => limit.abort(), PATIENCE);
    const post = wish && {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(wish),
    };
    let state = null;
    try {
      const response = await fetch('/control', { cache: 'no-store', signal: limit.signal, ...post });
      if (response.ok) state = await response.json();
    } catch {
      // A dead line may say nothing at all, and then it is the limit that ends up here.
    }
    clearTimeout(patience);
    if (asked === this.#asked) this.#tell(state);
    return state !== null;
  }

  #tell(state) {
    if (state) {
      this.otherOrigin = state.otherOrigin;
      this.#bytesPerSecond = state.bytesPerSecond;
    }
    this.#show(state !== null);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => {
        // A page that nobody sees asks when it is seen again.
        if (document.visibilityState === 'visible') this.#ask();
      },
      state ? POLL : POLL_AGAIN,
    );
  }

  async #setSpeed(bytesPerSecond) {
    if (!(await this.#ask({ bytesPerSecond }))) log('The server does not answer, so its speed stays.');
  }

  async #cut() {
    if (!(await this.#ask({ outageSeconds: OUTAGE_SECONDS }))) return;
    log(`The line is cut for ${OUTAGE_SECONDS} seconds: every connection breaks, new ones are refused.`);
    this.#tell(null);
  }

  #show(answers) {
    this.#mark(answers ? 'on' : 'off');
    setUsable(byId('speed'), answers);
    setUsable(byId('cut'), answers);
    for (const choice of byId('speed').elements)
      choice.checked = Number(choice.value) === this.#bytesPerSecond;
    if (answers === this.answers) return;
    this.answers = answers;
    if (answers) log('The server answers again.');
    for (const listener of this.#listeners) listener(answers);
  }

  /** @param {'unknown' | 'on' | 'off'} state */
  #mark(state) {
    const badge = byId('server');
    badge.dataset.server = state;
    setText(badge, WORDS[state]);
  }
}
