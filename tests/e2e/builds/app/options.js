// Evaluated before the polyfill, as an app's options are. Chromium has the API: there the polyfill replaces it.
self.isPolyfilled = () => {
  const { get } = Object.getOwnPropertyDescriptor(ServiceWorkerRegistration.prototype, 'backgroundFetch');
  return !String(get).includes('[native code]');
};
if (navigator.userAgent.includes('Chrome')) self.backgroundFetchPolyfill = { force: true };
