// Evaluated before the polyfill, as an app's options are. Chromium has the API: there the polyfill replaces it.
if (navigator.userAgent.includes('Chrome')) self.backgroundFetchPolyfill = { force: true };
