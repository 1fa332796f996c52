importScripts('/polyfill-options.js', '/pkg/service-worker.js', '/app/report.js');

addEventListener('activate', (event) => event.waitUntil(clients.claim()));

for (const outcome of ['success', 'fail', 'abort']) {
  addEventListener(`backgroundfetch${outcome}`, (event) => event.waitUntil(handle(event)));
}

/** An event that comes twice stores into another cache, so that nobody has to wait for the first to look at it. */
async function handle({ type, registration }) {
  const { id, result, failureReason, downloaded, downloadTotal, recordsAvailable } = registration;
  const name = `${id} ${crypto.randomUUID()}`;
  const event = { id, type, result, failureReason, downloaded, downloadTotal, recordsAvailable, cache: name };
  // The server takes its time to answer.
  await self.report('begun', event);
  try {
    if (type === 'backgroundfetchsuccess') await store(registration, name);
    await self.report('ended', event);
  } catch (error) {
    await self.report('threw', { ...event, message: `${error}\n${error.stack}` });
  }
}

async function store(registration, name) {
  const cache = await caches.open(name);
  for (const record of await registration.matchAll()) {
    const response = await record.responseReady;
    // Cache Storage takes no POST.
    await cache.put(new Request(record.request.url), response);
  }
}
