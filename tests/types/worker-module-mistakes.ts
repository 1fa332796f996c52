import 'background-fetch-polyfill/service-worker';

declare const self: ServiceWorkerGlobalScope;
declare const registration: BackgroundFetchRegistration;

// @ts-expect-error: init is missing
new BackgroundFetchEvent('backgroundfetchabort');
// @ts-expect-error: registration is missing
new BackgroundFetchEvent('backgroundfetchabort', {});
// @ts-expect-error: that is another registration
new BackgroundFetchEvent('backgroundfetchabort', { registration: self.registration });
// @ts-expect-error: init is missing
new BackgroundFetchUpdateUIEvent('backgroundfetchfail');
// @ts-expect-error: registration is missing
new BackgroundFetchUpdateUIEvent('backgroundfetchfail', { cancelable: true });
// @ts-expect-error: it is read-only
new BackgroundFetchEvent('backgroundfetchabort', { registration }).registration = registration;
// @ts-expect-error: there is no constructor
new BackgroundFetchRegistration();

// @ts-expect-error: there is nothing left to show
self.addEventListener('backgroundfetchabort', (event) => event.updateUI());
// @ts-expect-error: nor here
self.onbackgroundfetchabort = (event) => event.updateUI();
// @ts-expect-error: nor when it is clicked
self.addEventListener('backgroundfetchclick', (event) => event.updateUI());
// @ts-expect-error: nor here
self.onbackgroundfetchclick = (event) => event.updateUI();
// @ts-expect-error: titles are strings
self.addEventListener('backgroundfetchsuccess', (event) => event.updateUI({ title: 1 }));
// @ts-expect-error: totals are not shown
self.addEventListener('backgroundfetchfail', (event) => event.updateUI({ downloadTotal: 1 }));
// @ts-expect-error: handlers are functions
self.onbackgroundfetchsuccess = 'success';
// @ts-expect-error: this is no such event
self.addEventListener('backgroundfetchsuccess', (event: FetchEvent) => event.respondWith(fetch('/')));
// @ts-expect-error: it is a boolean
self.backgroundFetchPolyfill = { force: 1 };
// @ts-expect-error: it is a number
globalThis.backgroundFetchPolyfill = { settings: { unstoredBytes: '8 MiB' } };
