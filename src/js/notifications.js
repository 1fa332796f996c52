import { dispatchClick } from './click.js';
import { CHANNEL } from './ended-fetches.js';
import { MARK } from './messages.js';
import { readRows, toState } from './stored-state.js';
import { isObject } from './web-idl.js';

/** Between two updates of the notification of a fetch that runs. */
const INTERVAL_MS = 3000;
/** In which a page with a shelf says that it is visible. */
const ANSWER_MS = 200;

const TEXTS = {
  pause: 'Pause',
  resume: 'Resume',
  cancel: 'Cancel',
  paused: 'Paused',
  done: 'Done',
  failed: 'Failed',
};

/**
 * One notification of each background fetch, where the worker's options ask for it, the permission is granted, and no page with a
 * shelf is visible.
 */
export class Notifications {
  #realm;
  /** @type {{ icon?: string, texts: typeof TEXTS }} */
  #options;
  /** When they were updated, in ms since 1970. @type {Map<string, number>} */
  #updatedAt = new Map();

  /**
   * @param {import('./realm.js').Realm} realm
   * @param {any} options of the polyfill
   */
  constructor(realm, { notifications }) {
    this.#realm = realm;
    this.#options = { ...notifications, texts: { ...TEXTS, ...notifications.texts } };
    addEventListener('notificationclick', (event) => {
      if (isOurs(event)) event.waitUntil(this.#handleClick(event));
    });
    addEventListener('notificationclose', isOurs);
  }

  /**
   * There is news of a fetch. `isLast`: its event was handled.
   *
   * @param {string} uid
   * @param {boolean} isLast
   */
  async update(uid, isLast) {
    const now = Date.now();
    if (globalThis.Notification?.permission !== 'granted') return;
    if (!isLast && now - (this.#updatedAt.get(uid) ?? 0) < INTERVAL_MS) return;
    this.#updatedAt.set(uid, now);
    const rows = await readRows(uid);
    if (rows?.fetch.scope !== self.registration.scope) return;
    const state = toState(rows);
    if (isLast) this.#updatedAt.delete(uid);
    if (state.failureReason === 'aborted' || (await isShelfVisible())) await close(uid);
    else if (isLast || state.result === '') await this.#show(uid, rows.fetch, state);
  }

  /**
   * @param {string} uid
   * @param {any} fetch
   * @param {Polyfill.State} state
   */
  async #show(uid, { options, hasUploads }, state) {
    const { texts, icon } = this.#options;
    const { id, result, isPaused } = state;
    const runs = result === '';
    const at = Date.now();
    const command = isPaused ? 'resume' : 'pause';
    const actions = hasUploads ? ['cancel'] : [command, 'cancel'];
    /** @type {any} */
    const shown = {
      tag: tagOf(uid),
      data: { [MARK]: 'notification', uid, state, at },
      icon: options.icons?.[0]?.src ?? icon,
      body: runs ? this.#progress(state) : texts[result === 'success' ? 'done' : 'failed'],
      silent: runs,
      actions: runs
        ? actions
            .map((action) => ({ action, title: texts[/** @type {'pause'} */ (action)] }))
            .slice(0, maxActions())
        : [],
    };
    await self.registration.showNotification(options.title || id, shown);
    // In WebKit (2.50) one does not take the place of an earlier one with the same tag.
    await close(uid, at);
  }

  /** @param {Polyfill.State} state */
  #progress({ isPaused, downloaded, downloadTotal }) {
    if (isPaused) return this.#options.texts.paused;
    if (downloadTotal === 0) return undefined;
    const share = Math.floor((100 * downloaded) / downloadTotal) / 100;
    return Math.min(1, share).toLocaleString(undefined, { style: 'percent' });
  }

  /** @param {any} event */
  async #handleClick({ action, notification }) {
    const { uid, state } = notification.data;
    const rows = await readRows(uid);
    const now = rows ? toState(rows) : { ...state, recordsAvailable: false };
    if (action === 'cancel') await this.#realm.command(uid, 'abort');
    else if (action === 'pause' || action === 'resume') await this.#realm.command(uid, action);
    if (action) return this.update(uid, false);
    if (now.result !== '') notification.close();
    return dispatchClick(this.#realm, { uid, state: now });
  }
}

/**
 * Whether an event is of a notification of ours: the app's listeners do not hear of it then.
 *
 * @param {any} event
 */
function isOurs(event) {
  const { data } = event.notification;
  const isIt = isObject(data) && data[MARK] === 'notification';
  if (isIt) event.stopImmediatePropagation();
  return isIt;
}

/** @param {string} uid */
function tagOf(uid) {
  return `${MARK} ${self.registration.scope} ${uid}`;
}

function maxActions() {
  return /** @type {any} */ (Notification).maxActions ?? 0;
}

/**
 * @param {string} uid
 * @param {number} before only those that were shown before, in ms since 1970
 */
async function close(uid, before = Infinity) {
  for (const each of await self.registration.getNotifications({ tag: tagOf(uid) }))
    if (each.data.at < before) each.close();
}

async function isShelfVisible() {
  const channel = new BroadcastChannel(CHANNEL);
  const answer = new Promise((resolve) => {
    channel.onmessage = ({ data }) => data?.kind === 'visible' && resolve(true);
    setTimeout(resolve, ANSWER_MS, false);
  });
  channel.postMessage({ kind: 'visible?' });
  const isThere = await answer;
  channel.close();
  return isThere;
}
