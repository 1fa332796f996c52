importScripts('/polyfill-options.js', '/pkg/service-worker.js', '/app/report.js');

for (const outcome of ['success', 'fail', 'abort']) {
  addEventListener(`backgroundfetch${outcome}`, (event) => event.waitUntil(handle(event)));
}

async function handle({ type, registration }) {
  const { id, result, failureReason, downloaded, downloadTotal, recordsAvailable } = registration;
  // The server takes its time to answer some reports.
  await self.report('begun', {
    type,
    id,
    result,
    failureReason,
    downloaded,
    downloadTotal,
    recordsAvailable,
  });
  try {
    await store(registration);
    await self.report('stored');
    await self.report('ended');
  } catch ({ name, message }) {
    await self.report('unstorable', { name, message });
  }
}

async function store(registration) {
  const cache = await caches.open(registration.id);
  for (const record of await registration.matchAll()) {
    const response = await record.responseReady;
    try {
      await cache.put(record.request, response);
    } catch (error) {
      error.message += ` (put of ${record.request.url})`;
      throw error;
    }
  }
}

addEventListener('message', ({ data, ports }) => {
  if (data?.ask === 'seen') ports[0].postMessage('it lives');
});
