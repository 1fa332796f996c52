import { dispatchEvent } from './background-fetch-event.js';
import { keepEnded } from './ended-fetches.js';
import { Host } from './host.js';
import { runMessage } from './messages.js';

const LOOK_AGAIN_MS = 50;

/**
 * Functional events wait for the activation (https://w3c.github.io/ServiceWorker/#fire-functional-event-algorithm), in which
 * apps move what they have stored. Messages do not.
 */
async function untilActivated() {
  const { active } = self.registration;
  while (active?.state === 'activating') {
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

/**
 * @typedef {(observed: Polyfill.Observed) => import('./background-fetch-registration.js').BackgroundFetchRegistration | undefined} RegistrationOf
 */

export class WorkerHost extends Host {
  /** @type {RegistrationOf} */
  #registrationOf;
  /** @type {import('./notifications.js').Notifications | undefined} */
  notifications;

  /**
   * `registrationOf` makes the registration object of {uid, state}.
   *
   * @param {Polyfill.Options} options
   * @param {RegistrationOf} registrationOf
   */
  constructor(options, registrationOf) {
    super(options);
    this.#registrationOf = registrationOf;
  }

  /** @override */
  get scope() {
    return self.registration.scope;
  }

  /**
   * @override
   * @param {string} scope
   * @returns {Promise<Polyfill.WorkerState>}
   */
  async workerState(scope) {
    return scope === this.scope && self.registration.active ? 'active' : 'waiting';
  }

  /**
   * @override
   * @param {string} type
   * @param {string} uid
   * @param {Polyfill.State} state
   */
  async dispatch(type, uid, state) {
    await untilActivated();
    await dispatchEvent(type, this.#registrationOf({ uid, state }));
    await keepEnded(uid).catch(() => {});
    await this.notifications?.update(uid, true).catch(() => {});
  }

  /**
   * @override
   * @param {string} uid
   */
  progressed(uid) {
    this.notifications?.update(uid, false).catch(() => {});
  }

  /**
   * A message of its own gives the worker time for what it has begun.
   *
   * @override
   */
  fetchBegun() {
    self.registration.active?.postMessage(runMessage());
  }
}
