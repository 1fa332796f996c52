/** What service workers have besides the rest of the API. It needs lib.webworker. */

/// <reference path="./background-fetch.d.ts" />

/** https://wicg.github.io/background-fetch/#dictdef-backgroundfetcheventinit */
interface BackgroundFetchEventInit extends ExtendableEventInit {
  registration: BackgroundFetchRegistration;
}

/**
 * The type of `backgroundfetchabort` and `backgroundfetchclick`.
 *
 * https://wicg.github.io/background-fetch/#background-fetch-event
 */
interface BackgroundFetchEvent extends ExtendableEvent {
  /** Its records are available until the event and the promises given to `waitUntil()` have ended. */
  readonly registration: BackgroundFetchRegistration;
}

declare var BackgroundFetchEvent: {
  prototype: BackgroundFetchEvent;
  new (type: string, init: BackgroundFetchEventInit): BackgroundFetchEvent;
};

/**
 * The type of `backgroundfetchsuccess` and `backgroundfetchfail`.
 *
 * https://wicg.github.io/background-fetch/#background-fetch-update-ui-event
 */
interface BackgroundFetchUpdateUIEvent extends BackgroundFetchEvent {
  /**
   * Changes what the download shelf shows. Can be called once. Rejects with InvalidStateError the second time, or when the event has
   * ended.
   */
  updateUI(options?: BackgroundFetchUIOptions): Promise<void>;
}

declare var BackgroundFetchUpdateUIEvent: {
  prototype: BackgroundFetchUpdateUIEvent;
  new (type: string, init: BackgroundFetchEventInit): BackgroundFetchUpdateUIEvent;
};

/** Gives `addEventListener()` and `removeEventListener()` the types of the events. */
interface ServiceWorkerGlobalScopeEventMap {
  backgroundfetchsuccess: BackgroundFetchUpdateUIEvent;
  backgroundfetchfail: BackgroundFetchUpdateUIEvent;
  backgroundfetchabort: BackgroundFetchEvent;
  backgroundfetchclick: BackgroundFetchEvent;
}

interface ServiceWorkerGlobalScope {
  /** All requests have succeeded. */
  onbackgroundfetchsuccess:
    ((this: ServiceWorkerGlobalScope, ev: BackgroundFetchUpdateUIEvent) => any) | null;
  /** At least one request has failed; the records of the others can be read. */
  onbackgroundfetchfail: ((this: ServiceWorkerGlobalScope, ev: BackgroundFetchUpdateUIEvent) => any) | null;
  /** `abort()` was called; the records that were complete can be read. */
  onbackgroundfetchabort: ((this: ServiceWorkerGlobalScope, ev: BackgroundFetchEvent) => any) | null;
  /** An entry of the download shelf was clicked, or of the browser's own user interface. `clients.openWindow()` works in it. */
  onbackgroundfetchclick: ((this: ServiceWorkerGlobalScope, ev: BackgroundFetchEvent) => any) | null;

  /** The polyfill's options. Set them before its script is loaded. */
  backgroundFetchPolyfill?: import('./options.js').BackgroundFetchPolyfillGlobal | undefined;
}
