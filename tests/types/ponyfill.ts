import * as ponyfill from 'background-fetch-polyfill/ponyfill';
import {
  backgroundFetchOf,
  BackgroundFetchManager,
  BackgroundFetchRecord,
  BackgroundFetchRegistration,
  install,
  isPaused,
  isWaitingForNetwork,
  pause,
  resume,
  type BackgroundFetchPolyfillOptions,
  type BackgroundFetchPolyfillRetryPolicy,
  type BackgroundFetchPolyfillSettings,
} from 'background-fetch-polyfill/ponyfill';

const manager: BackgroundFetchManager = backgroundFetchOf(await navigator.serviceWorker.ready);
const registration: BackgroundFetchRegistration = await manager.fetch('film', '/film');
const record: BackgroundFetchRecord | undefined = await registration.match('/film');

const retry: BackgroundFetchPolyfillRetryPolicy = { restarts: 0 };
const settings: BackgroundFetchPolyfillSettings = { connections: 2, retry };
const options: BackgroundFetchPolyfillOptions = { force: true, isPermitted: async () => true, settings };
const isInstalled: boolean = install() || install({}) || install(options);
backgroundFetchOf(await navigator.serviceWorker.ready, options);

const isOurs: boolean =
  manager instanceof BackgroundFetchManager &&
  registration instanceof BackgroundFetchRegistration &&
  record instanceof BackgroundFetchRecord;
console.log(isInstalled, isOurs);

console.log(
  isWaitingForNetwork(registration),
  await pause(registration),
  isPaused(registration),
  await resume(registration),
);

// By their qualified names, which cannot be mistaken for the global ones.
const classes: [
  abstract new () => ponyfill.BackgroundFetchManager,
  abstract new () => ponyfill.BackgroundFetchRegistration,
  abstract new () => ponyfill.BackgroundFetchRecord,
] = [ponyfill.BackgroundFetchManager, ponyfill.BackgroundFetchRegistration, ponyfill.BackgroundFetchRecord];
console.log(classes);

// @ts-expect-error: there is no constructor
new BackgroundFetchManager();
// @ts-expect-error: there is no constructor
new BackgroundFetchRegistration();
// @ts-expect-error: there is no constructor
new BackgroundFetchRecord();
// @ts-expect-error: a registration is missing
backgroundFetchOf();
// @ts-expect-error: that is the container
backgroundFetchOf(navigator.serviceWorker);
// @ts-expect-error: there is no such option
backgroundFetchOf(await navigator.serviceWorker.ready, { forced: true });
// @ts-expect-error: install() takes an object
install(true);
// @ts-expect-error: it is a number
install({ settings: { stallTime: '60s' } });
// @ts-expect-error: it gives a boolean
const installed: string = install();
// @ts-expect-error: it gives a manager
const registrationOf: BackgroundFetchRegistration = backgroundFetchOf(await navigator.serviceWorker.ready);
