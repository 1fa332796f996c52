importScripts('/polyfill-options.js', '/pkg/service-worker.js', '/app/report.js');

for (const outcome of ['success', 'fail', 'abort']) {
  addEventListener(`backgroundfetch${outcome}`, (event) => event.waitUntil(handle(event)));
}

async function handle({ type, registration }) {
  const { id, result, failureReason, downloaded, downloadTotal, recordsAvailable } = registration;
  // The server takes its time to answer some reports.
  await report('begun', { type, id, result, failureReason, downloaded, downloadTotal, recordsAvailable });
  const cache = await caches.open(id);
  for (const record of await registration.matchAll()) {
    await cache.put(record.request, await record.responseReady);
  }
  await report('stored');
  await report('ended');
}

addEventListener('message', ({ data, ports }) => {
  if (data?.ask === 'seen') ports[0].postMessage('it lives');
});
