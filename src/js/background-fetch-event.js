import { internalsOf, isRegistration } from './background-fetch-registration.js';
import { toBackgroundFetchUIOptions } from './conversions.js';
import { changeUI } from './ended-fetches.js';
import { requireArguments, shapeInterfaces, toDictionary } from './web-idl.js';

/**
 * How long an event is active (https://w3c.github.io/ServiceWorker/#extendableevent-active): while it is dispatched, and
 * while a promise that it was given is pending. Only events that the polyfill dispatches have one.
 */
class Activity {
  isDispatched = true;
  pending = 0;
  /** @type {(value?: unknown) => void} */
  #resolve = () => {};
  ended = new Promise((resolve) => (this.#resolve = resolve));

  get isActive() {
    return this.isDispatched || this.pending > 0;
  }

  /** @param {unknown} promise */
  extend(promise) {
    this.pending += 1;
    const settled = () => {
      // A reaction to this very promise may still extend the event.
      queueMicrotask(() => {
        this.pending -= 1;
        this.endIfIdle();
      });
    };
    Promise.resolve(promise).then(settled, settled);
  }

  endIfIdle() {
    if (!this.isActive) this.#resolve();
  }
}

/** @type {WeakMap<Event, Activity>} */
const activities = new WeakMap();

function inactive() {
  return new DOMException('The event is no longer active.', 'InvalidStateError');
}

/** Only service workers have it, and the module may be imported elsewhere. */
const ExtendableEvent = globalThis.ExtendableEvent ?? Object;

/** https://wicg.github.io/background-fetch/#background-fetch-event */
export class BackgroundFetchEvent extends ExtendableEvent {
  /** @type {import('./background-fetch-registration.js').BackgroundFetchRegistration} */
  #registration;

  /**
   * @param {string} type
   * @param {any} init
   */
  constructor(type, init) {
    requireArguments(arguments.length, 2, 'The constructor');
    // Converts the type and the members of the dictionaries that are inherited from: they come first.
    super(type, init);
    const { registration } = toDictionary(init, 'init');
    if (!isRegistration(registration))
      throw new TypeError('registration is not a BackgroundFetchRegistration.');
    this.#registration = registration;
  }

  get registration() {
    return this.#registration;
  }

  /**
   * The native one refuses events that a script dispatches.
   *
   * @param {Promise<unknown>} promise
   */
  waitUntil(promise) {
    const activity = activities.get(this);
    if (!activity) return Reflect.apply(super.waitUntil, this, arguments);
    requireArguments(arguments.length, 1, 'waitUntil()');
    if (!activity.isActive) throw inactive();
    return activity.extend(promise);
  }
}

/** https://wicg.github.io/background-fetch/#background-fetch-update-ui-event */
export class BackgroundFetchUpdateUIEvent extends BackgroundFetchEvent {
  #updatedUI = false;

  /**
   * @param {string} type
   * @param {any} init
   */
  constructor(type, init) {
    requireArguments(arguments.length, 2, 'The constructor');
    super(type, init);
  }

  /** @param {unknown} options */
  async updateUI(options = {}) {
    if (!(#updatedUI in this)) throw new TypeError('Illegal invocation');
    const ui = toBackgroundFetchUIOptions(options);
    const activity = activities.get(this);
    if (!activity?.isActive) throw inactive();
    if (this.#updatedUI) throw new DOMException('The UI was updated before.', 'InvalidStateError');
    this.#updatedUI = true;
    // What is shown matters less than what the handler does next.
    await changeUI(internalsOf(this.registration).uid, ui).catch(() => {});
  }
}

const WITH_UI = ['backgroundfetchsuccess', 'backgroundfetchfail'];

/**
 * Dispatches an event on the worker; resolves when it is no longer active.
 *
 * @param {string} type
 * @param {import('./background-fetch-registration.js').BackgroundFetchRegistration | undefined} registration
 */
export async function dispatchEvent(type, registration) {
  const Interface = WITH_UI.includes(type) ? BackgroundFetchUpdateUIEvent : BackgroundFetchEvent;
  const event = new Interface(type, { registration });
  const activity = new Activity();
  activities.set(event, activity);
  self.dispatchEvent(event);
  activity.isDispatched = false;
  activity.endIfIdle();
  await activity.ended;
}

export const eventInterfaces = { BackgroundFetchEvent, BackgroundFetchUpdateUIEvent };

shapeInterfaces(eventInterfaces);
