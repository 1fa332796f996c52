import { dispatchEvent } from './background-fetch-event.js';
import { internalsOf } from './background-fetch-registration.js';
import { encodeId } from './conversions.js';

/**
 * The event `backgroundfetchclick` (https://wicg.github.io/background-fetch/#background-fetch-click-event) for an entry of the
 * shelf. The user's activation is in the page that was clicked, and the worker has none. So it asks that page to open and focus
 * windows, as long as the event is active.
 */

/** How long the page may take for an answer, and a window until it is a client; how often that is looked for. */
const LONGEST_WAIT_MS = 5000;
const LOOK_AGAIN_MS = 50;

/**
 * The pages that were clicked whose events are active, the last click last.
 *
 * @type {ClickedPage[]}
 */
const clicked = [];
/** Takes back what stands for the worker's own functions. */
let restore = () => {};

/**
 * Resolves when the event is over.
 *
 * @param {import('./realm.js').Realm} realm
 * @param {{ uid: string, state: Polyfill.State }} clicked what was shown of the fetch
 */
export async function dispatchClick(realm, { uid, state }) {
  const id = encodeId(state.id);
  const atCall = { scope: self.registration.scope, hasActiveWorker: true };
  const running = state.result === '' ? await realm.get(atCall, id) : undefined;
  const isIt = running && internalsOf(running).uid === uid;
  const registration = isIt ? running : realm.registrationOf({ uid, state: { ...state, id } });
  await dispatchEvent('backgroundfetchclick', registration);
}

/**
 * The same of a click in a page, which opens and focuses windows for the handler.
 *
 * @param {import('./realm.js').Realm} realm
 * @param {ReturnType<typeof import('./messages.js').clickMessage>} click
 * @param {MessageEvent<unknown>} event
 */
export async function handleClick(realm, click, { ports: [port], source }) {
  const page = new ClickedPage(port, /** @type {any} */ (source)?.id);
  if (clicked.push(page) === 1) restore = standIn();
  try {
    await dispatchClick(realm, click);
  } finally {
    clicked.splice(clicked.indexOf(page), 1);
    if (clicked.length === 0) restore();
    port?.postMessage({ isOver: true });
  }
}

/** Puts functions that ask the page in front of the worker's own. */
function standIn() {
  const { clients, WindowClient } = self;
  const { focus } = WindowClient.prototype;
  const functions = {
    /** @param {string} url */
    async openWindow(url) {
      return clicked.at(-1)?.open(url);
    },
    /** @this {WindowClient} */
    async focus() {
      const page = clicked.find(({ id }) => id === this.id);
      return page ? page.focus(this) : focus.call(this);
    },
  };
  Object.defineProperty(clients, 'openWindow', { value: functions.openWindow, configurable: true });
  WindowClient.prototype.focus = functions.focus;
  return () => {
    Reflect.deleteProperty(clients, 'openWindow');
    WindowClient.prototype.focus = focus;
  };
}

class ClickedPage {
  #port;

  /**
   * @param {MessagePort} port
   * @param {string} id of its client
   */
  constructor(port, id) {
    this.#port = port;
    this.id = id;
  }

  /**
   * https://w3c.github.io/ServiceWorker/#clients-openwindow
   *
   * @param {string} url
   */
  async open(url) {
    const { href, origin } = new URL(url, location.href);
    if (href === 'about:blank') throw new TypeError('about:blank cannot be opened.');
    const before = await windows();
    if (!(await this.#ask({ open: href })))
      throw new DOMException('The page could not open the window.', 'InvalidAccessError');
    if (origin !== location.origin) return null;
    for (let waited = 0; waited < LONGEST_WAIT_MS; waited += LOOK_AGAIN_MS) {
      /** @param {WindowClient} client */
      const isNew = (client) => client.url !== 'about:blank' && !before.some(({ id }) => id === client.id);
      const opened = (await windows()).find(isNew);
      if (opened) return opened;
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
    // It may have been sent on to another origin.
    return null;
  }

  /** @param {WindowClient} client */
  async focus(client) {
    if (!(await this.#ask({ focus: true })))
      throw new DOMException('The page does not answer.', 'InvalidAccessError');
    return client;
  }

  /**
   * Whether the page did it.
   *
   * @param {{ open?: string, focus?: boolean }} what
   * @returns {Promise<boolean>}
   */
  #ask(what) {
    return new Promise((resolve) => {
      setTimeout(resolve, LONGEST_WAIT_MS, false);
      this.#port.onmessage = ({ data }) => resolve(data === true);
      this.#port.postMessage(what);
    });
  }
}

function windows() {
  return self.clients.matchAll({ type: 'window', includeUncontrolled: true });
}
