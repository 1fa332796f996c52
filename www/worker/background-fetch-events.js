/**
 * What becomes of the downloaded files. The cache has the name of the background fetch, as in the article that the demo
 * grew from: success stores everything, failure what could be had, abort nothing.
 */
import { readSeries } from './shell.js';

const pathOf = (url) => {
  const { origin, pathname, search } = new URL(url);
  return (origin === self.location.origin ? '' : origin) + pathname + search;
};

async function tellPages(message) {
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  for (const page of pages) page.postMessage({ type: 'background-fetch', ...message });
}

async function titleOf(id) {
  const series = await readSeries().catch(() => null);
  return series?.id === id ? series.title : id;
}

/** Puts into the cache what arrived in full; returns the addresses of both kinds. */
async function storeWhatArrived(registration) {
  const records = await registration.matchAll();
  const names = records.map((record) => pathOf(record.request.url));
  // Chromium 156 hands out the file that went past the limit as a good but empty one.
  if (registration.failureReason === 'download-total-exceeded') return { stored: [], lost: names };
  const cache = await caches.open(registration.id);
  const stored = await Promise.all(
    records.map(async (record) => {
      try {
        const response = await record.responseReady;
        if (response.ok) await cache.put(record.request, response);
        return response.ok;
      } catch {
        return false;
      }
    }),
  );
  return { stored: names.filter((_, n) => stored[n]), lost: names.filter((_, n) => !stored[n]) };
}

self.addEventListener('backgroundfetchsuccess', (event) => {
  const { registration } = event;
  const store = async () => {
    try {
      const cache = await caches.open(registration.id);
      const records = await registration.matchAll();
      await Promise.all(records.map(async (record) => cache.put(record.request, await record.responseReady)));
      await event.updateUI({ title: `${await titleOf(registration.id)}: stored on this device` });
      const stored = records.map((record) => pathOf(record.request.url));
      await tellPages({ id: registration.id, outcome: 'stored', reason: '', stored, lost: [] });
    } catch (error) {
      await tellPages({
        id: registration.id,
        outcome: 'failed',
        reason: String(error),
        stored: [],
        lost: [],
      });
      throw error;
    }
  };
  event.waitUntil(store());
});

self.addEventListener('backgroundfetchfail', (event) => {
  const { registration } = event;
  const store = async () => {
    const { stored, lost } = await storeWhatArrived(registration);
    await event.updateUI({ title: `${await titleOf(registration.id)}: ${registration.failureReason}` });
    await tellPages({
      id: registration.id,
      outcome: 'failed',
      reason: registration.failureReason,
      stored,
      lost,
    });
  };
  event.waitUntil(store());
});

self.addEventListener('backgroundfetchabort', (event) => {
  const { id, failureReason } = event.registration;
  event.waitUntil(tellPages({ id, outcome: 'aborted', reason: failureReason, stored: [], lost: [] }));
});

self.addEventListener('backgroundfetchclick', (event) => {
  event.waitUntil(readSeries().then((series) => self.clients.openWindow(series.page)));
});
