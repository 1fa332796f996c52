/** Other runtimes have `self`, `navigator` or the interfaces of workers, too, but no database. */
export function isBrowser() {
  return typeof self === 'object' && (isWindow() || 'indexedDB' in self);
}

export function isServiceWorker() {
  return isBrowser() && 'ServiceWorkerGlobalScope' in self;
}

/**
 * Whether the browser has an API of its own; asked before the polyfill's is defined. No global's name tells: where a
 * bundler's module is loaded as a classic script, its variables are globals.
 */
export function isNative() {
  if ('ServiceWorkerRegistration' in self) return 'backgroundFetch' in ServiceWorkerRegistration.prototype;
  // Unlike a variable, an interface can be deleted.
  return Object.getOwnPropertyDescriptor(self, 'BackgroundFetchManager')?.configurable === true;
}

/** Why the polyfill cannot work here, or undefined. Synchronous, so that feature detection tells the truth. */
export function missingFeature() {
  if (!('ServiceWorkerRegistration' in self)) {
    // Workers show the interfaces even so; nobody gets an instance there.
    if (!isWindow()) return undefined;
    return 'there are no service workers here. They need https or localhost, and some private windows lack them.';
  }
  if (!isAvailable('indexedDB')) return 'there is no IndexedDB here.';
  if (!self.navigator.locks) return 'there are no Web Locks here.';
  if (!('BroadcastChannel' in self)) return 'there is no BroadcastChannel here.';
  return missingWebAssembly();
}

/** A page, and not a worker. */
export function isWindow() {
  return 'document' in self;
}

/**
 * In sandboxed frames the getter itself throws.
 *
 * @param {'indexedDB'} name
 */
function isAvailable(name) {
  try {
    return Boolean(self[name]);
  } catch {
    return false;
  }
}

function missingWebAssembly() {
  if (typeof WebAssembly !== 'object') return 'there is no WebAssembly here.';
  try {
    // An empty module: magic number and version. WebKit compiles under any policy, and refuses the instance
    // (https://bugs.webkit.org/show_bug.cgi?id=315489).
    new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)));
    return undefined;
  } catch {
    return "the Content Security Policy forbids WebAssembly. Add 'wasm-unsafe-eval' to script-src.";
  }
}
