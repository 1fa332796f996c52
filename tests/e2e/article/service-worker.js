const readSettings = async () => (await fetch('settings.json')).json();

self.addEventListener('install', (event) => {
  console.log('installed', event);
});

self.addEventListener('activate', (event) => {
  console.log('activated', event);
});

self.addEventListener('backgroundfetchsuccess', (event) => {
  const { registration } = event;
  event.waitUntil(
    (async () => {
      const { title } = await readSettings();
      try {
        const cache = await caches.open(registration.id);
        const records = await registration.matchAll();
        const promises = records.map(async (record) => {
          await cache.put(record.request, await record.responseReady);
        });
        await Promise.all(promises);
        await event.updateUI({ title: `${title} is stored` });
      } catch (error) {
        await event.updateUI({ title: `${title} could not be stored: ${registration.failureReason}` });
      }
    })(),
  );
});

self.addEventListener('backgroundfetchfail', (event) => {
  const { registration } = event;
  event.waitUntil(
    (async () => {
      const { title } = await readSettings();
      try {
        const cache = await caches.open(registration.id);
        const records = await registration.matchAll();
        const promises = records.map(async (record) => {
          const response = await record.responseReady.catch(() => null);
          if (response && response.ok) await cache.put(record.request, response);
        });
        await Promise.all(promises);
      } finally {
        await event.updateUI({ title: `${title} is not complete: ${registration.failureReason}` });
      }
    })(),
  );
});

self.addEventListener('backgroundfetchabort', (event) => {
  event.waitUntil(caches.open(`aborted ${event.registration.id} ${event.registration.failureReason}`));
});

self.addEventListener('backgroundfetchclick', (event) => {
  event.waitUntil(readSettings().then(({ page }) => self.clients.openWindow(page)));
});
