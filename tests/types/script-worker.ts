/// <reference types="background-fetch-polyfill/service-worker" />

const worker = self as unknown as ServiceWorkerGlobalScope;
self.backgroundFetchPolyfill = { force: true };
importScripts('/service-worker.js');

worker.addEventListener('backgroundfetchsuccess', (event) => {
  event.waitUntil(store(event.registration));
  event.waitUntil(event.updateUI({ title: 'Ready' }));
});
worker.onbackgroundfetchabort = ({ registration }) => console.log(registration.failureReason);
// @ts-expect-error: there is nothing left to show
worker.onbackgroundfetchabort = (event) => event.updateUI();

async function store(registration: BackgroundFetchRegistration) {
  const cache = await caches.open(registration.id);
  for (const { request, responseReady } of await registration.matchAll()) {
    await cache.put(request, await responseReady);
  }
}

self.backgroundFetchPolyfill?.storageManager?.({ manifest: '/manifest.json' });
