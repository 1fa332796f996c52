import './options.js';
import 'background-fetch-polyfill/service-worker';

// vite-plugin-pwa puts the list of the built files here.
self.precached = self.__WB_MANIFEST;

const INTERFACES = [
  'BackgroundFetchManager',
  'BackgroundFetchRecord',
  'BackgroundFetchRegistration',
  'BackgroundFetchEvent',
  'BackgroundFetchUpdateUIEvent',
];

addEventListener('message', ({ ports }) =>
  ports[0]?.postMessage([self.isPolyfilled(), ...INTERFACES.map((name) => self[name]?.name)]),
);
addEventListener('backgroundfetchsuccess', (event) => {
  const keep = async () => {
    const record = await event.registration.match('/one.bin');
    const cache = await caches.open('files');
    await cache.put('/event', new Response(String(event)));
    await cache.put('/one.bin', await record.responseReady);
  };
  event.waitUntil(keep());
});
