import { BackgroundFetchEvent, BackgroundFetchUpdateUIEvent } from './background-fetch-event.js';
import { eventHandler, setEventHandler } from './event-handler.js';
import { defineInterfaces, globalOptions, isWanted } from './install.js';
import { uidToDeliver } from './messages.js';
import { answerPermissionQueries } from './permissions.js';
import { Realm, reportFailedStart } from './realm.js';
import { expose } from './web-idl.js';
import { workerHost } from './worker-host.js';

/** Ends the address of the polyfill's own requests; PRIVATE_FRAGMENT in src/web/requests.rs. */
const PRIVATE_FRAGMENT = '#background-fetch-polyfill';

const EVENT_TYPES = [
  'backgroundfetchsuccess',
  'backgroundfetchfail',
  'backgroundfetchabort',
  'backgroundfetchclick',
];

const options = globalOptions();
if (isWanted(options)) install();

/** All listeners are attached now, while the script is first evaluated, and before the app's own. */
function install() {
  const realm = new Realm(
    workerHost(options, (observed) => realm.registrationOf(observed)),
    options.settings,
  );
  defineInterfaces(realm);
  answerPermissionQueries(options);
  expose(self, BackgroundFetchEvent, BackgroundFetchUpdateUIEvent);
  for (const type of EVENT_TYPES) defineHandlerAttribute(type);

  addEventListener('message', (event) => {
    const uid = uidToDeliver(event.data);
    if (uid === undefined) return;
    event.stopImmediatePropagation();
    event.waitUntil(
      realm
        .engine()
        .then((engine) => engine.deliver(uid))
        .catch(reportFailedStart),
    );
  });

  addEventListener('fetch', (event) => {
    // Unanswered, the request goes to the network.
    if (event.request.url.endsWith(PRIVATE_FRAGMENT)) event.stopImmediatePropagation();
  });

  addEventListener('install', (event) => {
    const { active, waiting, scope } = self.registration;
    // The first worker of a registration: what an earlier one with the same scope left is not its own.
    if (active || waiting) return;
    // A failure of ours must not keep the app's worker from being installed.
    event.waitUntil(
      realm
        .engine()
        .then((engine) => engine.purgeScope(scope))
        .catch(reportFailedStart),
    );
  });
}

function defineHandlerAttribute(type) {
  const name = `on${type}`;
  const attribute = {
    get [name]() {
      return eventHandler(requireGlobal(this), type);
    },
    set [name](value) {
      setEventHandler(requireGlobal(this), type, value);
    },
  };
  Object.defineProperty(self, name, Object.getOwnPropertyDescriptor(attribute, name));
}

/** What has no object before the dot is the global's. */
function requireGlobal(value) {
  if ((value ?? self) !== self) throw new TypeError('Illegal invocation');
  return self;
}
