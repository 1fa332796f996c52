import 'background-fetch-polyfill/service-worker';
import type {
  BackgroundFetchPolyfillOptions,
  BackgroundFetchPolyfillRetryPolicy,
  BackgroundFetchPolyfillSettings,
} from 'background-fetch-polyfill/service-worker';
import { describe } from './shared.js';

declare const self: ServiceWorkerGlobalScope;

// The README's quick start.
self.addEventListener('backgroundfetchsuccess', (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(event.registration.id);
      for (const record of await event.registration.matchAll()) {
        await cache.put(record.request, await record.responseReady);
      }
      await event.updateUI({ title: 'Season 1 is ready' });
    })(),
  );
});

self.addEventListener('backgroundfetchfail', async (event) => {
  await event.updateUI();
  console.log(describe(event.registration), event.registration.failureReason);
});
self.addEventListener('backgroundfetchabort', function (event) {
  const scope: ServiceWorkerGlobalScope = this;
  const type: BackgroundFetchEvent = event;
  console.log(scope, type.registration.failureReason);
});
function clicked(event: BackgroundFetchEvent) {
  console.log(event.registration.id);
}
self.addEventListener('backgroundfetchclick', clicked);
self.removeEventListener('backgroundfetchclick', clicked);

self.onbackgroundfetchsuccess = (event) => event.waitUntil(event.updateUI({ icons: [{ src: '/icon' }] }));
self.onbackgroundfetchfail = (event) => event.updateUI({});
self.onbackgroundfetchabort = (event) => console.log(event.registration.id);
self.onbackgroundfetchclick = clicked;
self.onbackgroundfetchclick = null;

const { backgroundFetch } = self.registration;
const registration = await backgroundFetch.fetch('film', '/film');
const isSame: boolean = (await backgroundFetch.get('film')) === registration;

const init: BackgroundFetchEventInit = { registration, cancelable: true };
const extendable: ExtendableEvent = new BackgroundFetchEvent('backgroundfetchabort', init);
const event: BackgroundFetchEvent = new BackgroundFetchUpdateUIEvent('backgroundfetchfail', { registration });
if (event instanceof BackgroundFetchUpdateUIEvent) await event.updateUI();
console.log(extendable, isSame, 'updateUI' in BackgroundFetchUpdateUIEvent.prototype);
console.log(BackgroundFetchEvent.prototype.registration);

const retry: BackgroundFetchPolyfillRetryPolicy = { restarts: 0 };
const settings: BackgroundFetchPolyfillSettings = { retry };
const options: BackgroundFetchPolyfillOptions = { force: true, isPermitted: () => true, settings };
self.backgroundFetchPolyfill = options;
globalThis.backgroundFetchPolyfill = options;
self.backgroundFetchPolyfill = undefined;

import { storageManager } from 'background-fetch-polyfill/storage-manager/worker';

storageManager({
  manifest: '/manifest.json',
  endpoint: '/sets',
  budget: { maxBytes: 5e9, maxQuotaShare: 0.5 },
});
// @ts-expect-error: the manifest is missing
storageManager({ endpoint: '/sets' });

import {
  storedFileHandler,
  StoredFilesPlugin,
  storedResponse,
} from 'background-fetch-polyfill/storage-manager/workbox';

const answer: Promise<Response | undefined> = storedResponse('/media/one.mp4');
const routed: Promise<Response> = storedFileHandler({ request: new Request('/media/one.mp4') });
console.log(answer, routed, new StoredFilesPlugin().cachedResponseWillBeUsed);
