/** Read before the polyfill is loaded: afterwards nobody can tell what the browser had by itself. */
export const nativeApi = 'BackgroundFetchManager' in self;

/** `?force` in the address of the page, and of its worker, puts the polyfill in the place of a native API. */
export const forced = new URL(self.location.href).searchParams.has('force');

if (forced) self.backgroundFetchPolyfill = { force: true };
