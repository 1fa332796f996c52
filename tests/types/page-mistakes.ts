import 'background-fetch-polyfill';
// @ts-expect-error: the script installs, and gives nothing
import { install } from 'background-fetch-polyfill';

const { backgroundFetch } = await navigator.serviceWorker.ready;
const registration = await backgroundFetch.fetch('id', '/film');

// @ts-expect-error: there is no constructor
new BackgroundFetchManager();
// @ts-expect-error: there is no constructor
new BackgroundFetchRegistration();
// @ts-expect-error: there is no constructor
new BackgroundFetchRecord();

// @ts-expect-error: requests are missing
await backgroundFetch.fetch('id');
// @ts-expect-error: ids are strings
await backgroundFetch.fetch(1, '/film');
// @ts-expect-error: requests are no numbers
await backgroundFetch.fetch('id', [1]);
// @ts-expect-error: titles are strings
await backgroundFetch.fetch('id', '/film', { title: 1 });
// @ts-expect-error: totals are numbers
await backgroundFetch.fetch('id', '/film', { downloadTotal: '1 GB' });
// @ts-expect-error: there is no such option
await backgroundFetch.fetch('id', '/film', { uploadTotal: 1 });
// @ts-expect-error: icons are several
await backgroundFetch.fetch('id', '/film', { icons: { src: '/icon' } });
// @ts-expect-error: icons need src
await backgroundFetch.fetch('id', '/film', { icons: [{ sizes: '96x96' }] });
// @ts-expect-error: src is a string
await backgroundFetch.fetch('id', '/film', { icons: [{ src: 1 }] });
// @ts-expect-error: sizes is a string
await backgroundFetch.fetch('id', '/film', { icons: [{ src: '/icon', sizes: 96 }] });
// @ts-expect-error: type is a string
await backgroundFetch.fetch('id', '/film', { icons: [{ src: '/icon', type: 1 }] });
// @ts-expect-error: label is a string
await backgroundFetch.fetch('id', '/film', { icons: [{ src: '/icon', label: 1 }] });
// @ts-expect-error: an id is missing
await backgroundFetch.get();
// @ts-expect-error: there may be none
(await backgroundFetch.get('id')).id;

// @ts-expect-error: it is read-only
(await navigator.serviceWorker.ready).backgroundFetch = backgroundFetch;
// @ts-expect-error: it is read-only
registration.id = 'other';
// @ts-expect-error: it is read-only
registration.uploadTotal = 0;
// @ts-expect-error: it is read-only
registration.uploaded = 0;
// @ts-expect-error: it is read-only
registration.downloadTotal = 0;
// @ts-expect-error: it is read-only
registration.downloaded = 0;
// @ts-expect-error: it is read-only
registration.result = 'success';
// @ts-expect-error: it is read-only
registration.failureReason = 'aborted';
// @ts-expect-error: it is read-only
registration.recordsAvailable = false;

// @ts-expect-error: there is no such result
registration.result === 'done';
// @ts-expect-error: there is no such reason
registration.failureReason === 'timeout';
// @ts-expect-error: abort() gives a boolean
const aborted: undefined = await registration.abort();

// @ts-expect-error: the event has no bytes
registration.addEventListener('progress', (event) => event.loaded);
// @ts-expect-error: nor has it here
registration.onprogress = (event) => event.loaded;
// @ts-expect-error: handlers are functions
registration.onprogress = 'progress';

// @ts-expect-error: a request is missing
await registration.match();
// @ts-expect-error: there may be none
(await registration.match('/film')).request;
// @ts-expect-error: there is no such option
await registration.matchAll('/film', { ignoreCase: true });
const [record] = await registration.matchAll();
// @ts-expect-error: it is read-only
if (record) record.request = new Request('/film');
// @ts-expect-error: it is read-only
if (record) record.responseReady = Promise.resolve(new Response());
// @ts-expect-error: it is a promise
record?.responseReady.status;

// @ts-expect-error: it is a boolean
self.backgroundFetchPolyfill = { force: 'yes' };
// @ts-expect-error: it is a function
self.backgroundFetchPolyfill = { isPermitted: true };
// @ts-expect-error: it gives a boolean
self.backgroundFetchPolyfill = { isPermitted: () => 'granted' };
// @ts-expect-error: it is a number
self.backgroundFetchPolyfill = { settings: { connections: '4' } };
// @ts-expect-error: fields are in camelCase
self.backgroundFetchPolyfill = { settings: { stall_time: 1000 } };
// @ts-expect-error: it belongs to retry
self.backgroundFetchPolyfill = { settings: { restarts: 5 } };
// @ts-expect-error: it is a number
self.backgroundFetchPolyfill = { settings: { retry: { restarts: '5' } } };

// @ts-expect-error: pages do not have the worker's events
BackgroundFetchEvent;
