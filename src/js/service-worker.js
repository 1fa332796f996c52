import { eventInterfaces } from './background-fetch-event.js';
import { managerOf } from './background-fetch-manager.js';
import { handleClick } from './click.js';
import { eventHandler, setEventHandler } from './event-handler.js';
import { beforeFirstFetchListener } from './fetch-listener.js';
import { defineInterfaces, globalOptions, interfaces, isWanted } from './install.js';
import { answerTo, asksToRun, clickIn, questionIn, uidInProgress, uidToDeliver } from './messages.js';
import { Notifications } from './notifications.js';
import { exposePausing, pausing } from './pausing.js';
import { answerPermissionQueries } from './permissions.js';
import { PRIVATE_FRAGMENT } from './private-fragment.js';
import { Realm, reportFailure } from './realm.js';
import { isBrowser, isServiceWorker } from './support.js';
import { accessorOf, expose } from './web-idl.js';
import { WorkerHost } from './worker-host.js';
import { offerCopy, workingCopy } from './working-copy.js';

const EVENT_TYPES = [
  'backgroundfetchsuccess',
  'backgroundfetchfail',
  'backgroundfetchabort',
  'backgroundfetchclick',
];

/**
 * Events that start a worker, besides 'fetch'. Not 'activate', which all pages would have to wait for.
 *
 * @type {('message' | 'notificationclick' | 'periodicsync' | 'push' | 'sync')[]}
 */
const STARTING_EVENTS = ['message', 'notificationclick', 'periodicsync', 'push', 'sync'];

/** For a page that is being loaded, which would go on by itself. */
const RUN_AFTER_MS = 1000;

const LONGEST_INSTALL_MS = 5000;

export { isPaused, isWaitingForNetwork, pause, resume } from './pausing.js';

/** @type {Realm | undefined} */
let realmHere;
/** @type {Notifications | undefined} */
let notifications;

/** @param {Polyfill.Options} options */
function realmOf(options) {
  if (realmHere) return realmHere;
  const host = new WorkerHost(options, (observed) => realm.registrationOf(observed));
  const realm = new Realm(host, options);
  if (options.notifications) notifications = host.notifications = new Notifications(realm, options);
  realmHere = realm;
  return realm;
}

let isInstalled = false;

/** @type {Polyfill.Copy} */
const thisCopy = {
  ...pausing,
  interfaces,
  install(options) {
    if (isInstalled || !isWanted(options)) return isInstalled;
    const realm = realmOf(options);
    defineInterfaces(realm);
    answerPermissionQueries(options);
    expose(self, eventInterfaces);
    for (const type of EVENT_TYPES) defineHandlerAttribute(type);
    listen(realm);
    isInstalled = true;
    return true;
  },
  backgroundFetchOf: (registration, options) => managerOf(registration, () => realmOf(options)),
};

if (isServiceWorker()) {
  offerCopy(thisCopy);
  workingCopy()?.install(globalOptions());
  exposePausing(self);
} else if (isBrowser()) {
  console.error(
    "background-fetch-polyfill: this script is for service workers. Elsewhere load 'background-fetch-polyfill'.",
  );
}

/**
 * All listeners are attached now, while the script is first evaluated, and before the app's own.
 *
 * @param {Realm} realm
 */
function listen(realm) {
  /** @type {(event: ExtendableEvent, work: Polyfill.Work<unknown>) => void} */
  const run = (event, work) => event.waitUntil(realm.run(work).catch(reportFailure));

  // Whatever starts the worker: a push message may come when no page is open for weeks.
  let hasStarted = false;
  /** @param {ExtendableEvent} event */
  const resumeOnce = (event) => {
    if (hasStarted) return;
    hasStarted = true;
    const later = new Promise((resolve) => setTimeout(resolve, RUN_AFTER_MS));
    const running = later.then(() => realm.runIfNeeded((engine) => engine.runWithoutPages()));
    /** @param {unknown} error */
    const failed = (error) => {
      // What starts it next tries again.
      hasStarted = false;
      reportFailure(error);
    };
    event.waitUntil(running.catch(failed));
  };

  addEventListener('message', (event) => {
    const uid = uidToDeliver(event.data);
    const question = questionIn(event.data);
    const isToRun = asksToRun(event.data) || question?.isToRun;
    const click = clickIn(event.data);
    const further = uidInProgress(event.data);
    if (uid === undefined && !question && !isToRun && !click && further === undefined) return;
    event.stopImmediatePropagation();
    if (click) event.waitUntil(handleClick(realm, click, event).catch(reportFailure));
    if (further !== undefined && notifications)
      event.waitUntil(notifications.update(further, false).catch(reportFailure));
    if (question) {
      event.ports[0]?.postMessage(answerTo(question, notifications !== undefined));
      event.waitUntil(realm.keepEngine());
      resumeOnce(event);
    }
    if (isToRun) run(event, (engine) => engine.runWithoutPages());
    else if (uid !== undefined) run(event, (engine) => engine.deliver(uid));
  });

  beforeFirstFetchListener(() => {
    addEventListener('fetch', (event) => {
      // Unanswered, the request goes to the network.
      if (event.request.url.endsWith(PRIVATE_FRAGMENT)) event.stopImmediatePropagation();
    });
    addEventListener('fetch', resumeOnce);
  });

  addEventListener('install', (event) => {
    const { active, waiting, scope } = self.registration;
    // Of another build than the page's, perhaps, and later there may be no network. The installation waits for little of it.
    const timeout = new Promise((resolve) => setTimeout(resolve, LONGEST_INSTALL_MS));
    event.waitUntil(Promise.race([realm.keepEngine(), timeout]));
    // The first worker of a registration: what an earlier one with the same scope left is not its own.
    if (active || waiting) return;
    // A failure of ours must not keep the app's worker from being installed.
    event.waitUntil(realm.purgeScope(scope).catch(reportFailure));
  });

  for (const type of STARTING_EVENTS) addEventListener(type, resumeOnce);
}

/** @param {string} type */
function defineHandlerAttribute(type) {
  const name = `on${type}`;
  const attribute = {
    /** @returns {unknown} */
    get [name]() {
      return eventHandler(requireGlobal(this), type);
    },
    /** @param {unknown} value */
    set [name](value) {
      setEventHandler(requireGlobal(this), type, value);
    },
  };
  Object.defineProperty(self, name, accessorOf(attribute, name));
}

/**
 * What has no object before the dot is the global's.
 *
 * @param {unknown} value
 */
function requireGlobal(value) {
  if ((value ?? self) !== self) throw new TypeError('Illegal invocation');
  return self;
}
