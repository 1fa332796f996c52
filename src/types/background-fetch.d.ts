/**
 * The API as pages and workers have it: https://wicg.github.io/background-fetch/. All of it is global, as it is in
 * browsers. It needs lib.dom or lib.webworker, and works with either alone.
 */

/**
 * `aborted`: by `abort()`. `bad-status`: not 200 to 299. `fetch-error`: no answer, or one that cannot be used.
 *
 * https://wicg.github.io/background-fetch/#enumdef-backgroundfetchfailurereason
 */
type BackgroundFetchFailureReason =
  '' | 'aborted' | 'bad-status' | 'fetch-error' | 'quota-exceeded' | 'download-total-exceeded';

/**
 * The empty string while the background fetch is running.
 *
 * https://wicg.github.io/background-fetch/#enumdef-backgroundfetchresult
 */
type BackgroundFetchResult = '' | 'success' | 'failure';

/** The draft's ImageResource: https://w3c.github.io/image-resource/#dom-imageresource */
interface BackgroundFetchImageResource {
  src: string;
  /** As in `<link sizes>`: `"96x96 128x128"`, or `"any"`. */
  sizes?: string;
  /** MIME type. */
  type?: string;
  label?: string;
}

/** https://wicg.github.io/background-fetch/#dictdef-backgroundfetchuioptions */
interface BackgroundFetchUIOptions {
  icons?: Iterable<BackgroundFetchImageResource>;
  title?: string;
}

/** https://wicg.github.io/background-fetch/#dictdef-backgroundfetchoptions */
interface BackgroundFetchOptions extends BackgroundFetchUIOptions {
  /**
   * Bytes of all response bodies together, after content codings. A fetch that brings more fails with
   * `download-total-exceeded`. 0, the default: not known, no limit.
   */
  downloadTotal?: number;
}

/**
 * The background fetches of one service worker registration.
 *
 * https://wicg.github.io/background-fetch/#background-fetch-manager
 */
interface BackgroundFetchManager {
  /**
   * Begins a background fetch. Resolves when it is registered, before anything is sent. Bodies of requests are taken
   * over at once.
   *
   * Rejects with TypeError (no request, a URL or a mode that is not allowed, an empty id or one that is in use, no
   * active service worker), NotAllowedError (no permission), QuotaExceededError (`downloadTotal` or bodies need more
   * than there is), UnknownError (no storage), TimeoutError (the storage does not answer) or AbortError (the polyfill
   * broke off; the fetch may have begun).
   *
   * https://wicg.github.io/background-fetch/#background-fetch-manager-fetch
   */
  fetch(
    id: string,
    requests: RequestInfo | URL | Iterable<RequestInfo | URL>,
    options?: BackgroundFetchOptions,
  ): Promise<BackgroundFetchRegistration>;

  /**
   * The background fetch that is running under this id, if there is one. It is the same object each time. Rejects with
   * TypeError when the id is empty.
   *
   * https://wicg.github.io/background-fetch/#background-fetch-manager-get
   */
  get(id: string): Promise<BackgroundFetchRegistration | undefined>;

  /**
   * The ids of the background fetches that are running, oldest first.
   *
   * https://wicg.github.io/background-fetch/#background-fetch-manager-get-ids
   */
  getIds(): Promise<string[]>;
}

/** Has no constructor: see {@link ServiceWorkerRegistration.backgroundFetch}. */
declare var BackgroundFetchManager: (abstract new () => BackgroundFetchManager) & {
  readonly prototype: BackgroundFetchManager;
};

interface BackgroundFetchRegistrationEventMap {
  progress: Event;
}

/**
 * One background fetch. Its attributes are as they were at the last `progress` event.
 *
 * https://wicg.github.io/background-fetch/#background-fetch-registration
 */
interface BackgroundFetchRegistration extends EventTarget {
  /** As given to `fetch()`. Free for another background fetch as soon as this one has ended. */
  readonly id: string;
  /** Bytes of all request bodies together. */
  readonly uploadTotal: number;
  /** Bytes of request bodies that were sent. */
  readonly uploaded: number;
  /** Bytes, as given to `fetch()`; 0 if none were. */
  readonly downloadTotal: number;
  /** Bytes of response bodies that are stored. Goes down when a file begins anew. */
  readonly downloaded: number;
  readonly result: BackgroundFetchResult;
  /** The empty string unless {@link result} is `failure`. */
  readonly failureReason: BackgroundFetchFailureReason;
  /** Whether `match()` and `matchAll()` can be called: until the worker has handled the event of the end. */
  readonly recordsAvailable: boolean;

  /** Handler of `progress`: bytes have come or gone, or the result is there. */
  onprogress: ((this: BackgroundFetchRegistration, ev: Event) => any) | null;

  /**
   * Resolves with whether this aborted it: false when it has ended or was aborted before.
   *
   * https://wicg.github.io/background-fetch/#background-fetch-registration-abort
   */
  abort(): Promise<boolean>;

  /**
   * The first record whose request matches as in the Cache API. Rejects with InvalidStateError when the records are no
   * longer available.
   *
   * https://wicg.github.io/background-fetch/#background-fetch-registration-match
   */
  match(request: RequestInfo | URL, options?: CacheQueryOptions): Promise<BackgroundFetchRecord | undefined>;

  /**
   * All records, or those whose request matches, in the order of the requests. Rejects as `match()` does.
   *
   * https://wicg.github.io/background-fetch/#background-fetch-registration-matchall
   */
  matchAll(request?: RequestInfo | URL, options?: CacheQueryOptions): Promise<BackgroundFetchRecord[]>;

  addEventListener<K extends keyof BackgroundFetchRegistrationEventMap>(
    type: K,
    listener: (this: BackgroundFetchRegistration, ev: BackgroundFetchRegistrationEventMap[K]) => any,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<K extends keyof BackgroundFetchRegistrationEventMap>(
    type: K,
    listener: (this: BackgroundFetchRegistration, ev: BackgroundFetchRegistrationEventMap[K]) => any,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | EventListenerOptions,
  ): void;
}

/** Has no constructor: see {@link BackgroundFetchManager.fetch}. */
declare var BackgroundFetchRegistration: (abstract new () => BackgroundFetchRegistration) & {
  readonly prototype: BackgroundFetchRegistration;
};

/**
 * One request of a background fetch, and its response.
 *
 * https://wicg.github.io/background-fetch/#background-fetch-record-interface
 */
interface BackgroundFetchRecord {
  readonly request: Request;
  /**
   * The same promise each time. Resolves with the headers: the body comes in as it is fetched, at its reader's pace.
   * Rejects with AbortError when the background fetch was aborted before there was a response, and with TypeError when
   * the request failed; a body that is being read ends with the same errors.
   *
   * https://wicg.github.io/background-fetch/#dom-backgroundfetchrecord-responseready
   */
  readonly responseReady: Promise<Response>;
}

/** Has no constructor: see {@link BackgroundFetchRegistration.matchAll}. */
declare var BackgroundFetchRecord: (abstract new () => BackgroundFetchRecord) & {
  readonly prototype: BackgroundFetchRecord;
};

interface ServiceWorkerRegistration {
  /**
   * The same object each time. Missing where the API is neither native nor polyfilled, so that
   * `'backgroundFetch' in registration` tells.
   */
  readonly backgroundFetch: BackgroundFetchManager;
}

/**
 * The polyfill's options. Read when its script is loaded: set them before, in page and worker alike. Scripts without imports
 * find `pause()`, `resume()`, `isPaused()` and `isWaitingForNetwork()` in it afterwards.
 */
declare var backgroundFetchPolyfill: import('./options.js').BackgroundFetchPolyfillGlobal | undefined;
