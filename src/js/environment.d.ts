/** What the shell finds in the globals that it is loaded in, and in modules that the build makes, for the type checker. */

/// <reference path="../types/background-fetch.d.ts" />

/** Set when it is built (webpack.config.js), as are the modules `engine-file` and `engine-glue`. */
declare const PACKAGE_VERSION: string;
declare const ENGINE_SHA256: string;

/** One of src/js/engine-file. */
declare module 'engine-file' {
  export function readEngineFile(sha256: string, options: Polyfill.Options): Promise<Response>;
}

/** What wasm-bindgen makes; src/web/exports.rs. */
declare module 'engine-glue' {
  export default function start(from: { module_or_path: WebAssembly.Module }): Promise<unknown>;
  export function __wbg_reset_state(): void;
  export function hasBrokenOff(): boolean;
  export const BackgroundFetchEngine: new (
    host: Polyfill.Host,
    settings: Polyfill.Options['settings'],
  ) => Polyfill.Engine;
}

declare module '*/target/wasm/escaped.js' {
  export const code: string;
  export const order: number[];
}

declare namespace Polyfill {
  type Options = import('../types/options.js').BackgroundFetchPolyfillOptions;
  type Work<T> = (engine: Engine, signal: AbortSignal) => T | Promise<T>;

  /** What a registration shows: `ShownState` in src/web/realm.rs. */
  interface State {
    id: string;
    uploadTotal: number;
    uploaded: number;
    downloadTotal: number;
    downloaded: number;
    result: BackgroundFetchResult;
    failureReason: BackgroundFetchFailureReason;
    recordsAvailable: boolean;
    isPaused: boolean;
    isWaiting: boolean;
  }

  interface Observed {
    uid: string;
    state: State;
  }

  interface StoredRecord {
    index: number;
    request: () => Request;
  }

  interface Body {
    next(): Promise<ArrayBuffer | undefined>;
    free(): void;
  }

  interface StoredResponse {
    status: number;
    statusText: string;
    headers: [string, string][];
    url: string;
    redirected: boolean;
    type: ResponseType;
    /** An ArrayBuffer where it is complete and small. */
    body: ArrayBuffer | Body;
  }

  /** `failure`: what the first request threw that could not be built. */
  interface BuiltRequests {
    built: [Request, string | undefined][];
    failure: unknown;
  }

  /** A service worker registration as it was when a method was called. */
  interface AtCall {
    scope: string;
    hasActiveWorker: boolean;
  }

  interface FetchOptions {
    icons?: BackgroundFetchImageResource[];
    title?: string;
    downloadTotal: number;
  }

  /** What an engine holds of the browser, and how it is given back: `Held` in src/web/lifetime.rs. */
  type Held = (() => void) | { abort(): void } | { close(): void } | { disconnect(): void };

  interface Engine {
    held(): Set<Held>;
    ping(): Promise<void>;
    replace(shown: (State & { uid: string })[]): Promise<string[]>;
    takeOver(): Promise<void>;
    deliver(uid: string): Promise<void>;
    runWithoutPages(): Promise<void>;
    suspend(mayResume: boolean): boolean;
    resume(): Promise<void>;
    fetch(
      scope: string,
      hasActiveWorker: boolean,
      id: string,
      requests: BuiltRequests['built'],
      failure: unknown,
      options: FetchOptions,
    ): Promise<Observed>;
    get(scope: string, hasActiveWorker: boolean, id: string): Promise<Observed | undefined>;
    ids(scope: string, hasActiveWorker: boolean): Promise<string[]>;
    command(uid: string, command: 'abort' | 'pause' | 'resume'): Promise<boolean>;
    matchAll(uid: string, query: Request | undefined, options: CacheQueryOptions): Promise<StoredRecord[]>;
    response(uid: string, index: number): Promise<StoredResponse>;
    purgeScope(scope: string): Promise<void>;
  }

  type Host = import('./host.js').Host;
  type WorkerState = 'active' | 'waiting' | 'unregistered';

  /** What a copy of the package does for others in its global. */
  interface Copy {
    interfaces: {
      BackgroundFetchManager: typeof import('./background-fetch-manager.js').BackgroundFetchManager;
      BackgroundFetchRecord: typeof import('./background-fetch-record.js').BackgroundFetchRecord;
      BackgroundFetchRegistration: typeof import('./background-fetch-registration.js').BackgroundFetchRegistration;
    };
    install(options: Options): boolean;
    backgroundFetchOf(registration: unknown, options: Options): object;
    pause(registration: unknown): Promise<boolean>;
    resume(registration: unknown): Promise<boolean>;
    isPaused(registration: unknown): boolean;
    isWaitingForNetwork(registration: unknown): boolean;
    /** Copies of an earlier version have none. */
    uidOf?(registration: unknown): string | undefined;
  }
}

/** Service workers: lib.webworker contradicts lib.dom. */
interface ExtendableEventInit extends EventInit {}
interface ExtendableEvent extends Event {
  waitUntil(promise: Promise<unknown>): void;
}
declare var ExtendableEvent: new (type: string, init?: ExtendableEventInit) => ExtendableEvent;

interface MessageEvent<T> extends ExtendableEvent {}

interface FetchEvent extends ExtendableEvent {
  readonly request: Request;
  readonly clientId: string;
  readonly resultingClientId: string;
  readonly preloadResponse: Promise<Response | undefined>;
  respondWith(response: Response | Promise<Response>): void;
}
declare var FetchEvent: new (
  type: string,
  init: EventInit & { request: Request; clientId?: string; resultingClientId?: string },
) => FetchEvent;

interface WindowEventMap {
  fetch: FetchEvent;
  install: ExtendableEvent;
  notificationclick: ExtendableEvent;
  notificationclose: ExtendableEvent;
  periodicsync: ExtendableEvent;
  push: ExtendableEvent;
  sync: ExtendableEvent;
}

interface WindowClient {
  readonly id: string;
  readonly url: string;
  readonly visibilityState: DocumentVisibilityState;
  focus(): Promise<WindowClient>;
}

interface Window {
  readonly registration: ServiceWorkerRegistration;
  readonly clients: { matchAll(options: object): Promise<WindowClient[]> };
  readonly WindowClient: { prototype: WindowClient };
}
