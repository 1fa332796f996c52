import 'background-fetch-polyfill';
import type {
  BackgroundFetchPolyfillNotifications,
  BackgroundFetchPolyfillOptions,
  BackgroundFetchPolyfillRetryPolicy,
  BackgroundFetchPolyfillSettings,
} from 'background-fetch-polyfill';

/** True for the very same type only: `any`, optional and writable members make a difference. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Attributes<T, Methods extends keyof T> = Pick<T, Exclude<keyof T, keyof EventTarget | Methods>>;

declare function assertSame<A, B>(same: Same<A, B>): void;

assertSame<
  Attributes<BackgroundFetchRegistration, 'abort' | 'match' | 'matchAll'>,
  {
    readonly id: string;
    readonly uploadTotal: number;
    readonly uploaded: number;
    readonly downloadTotal: number;
    readonly downloaded: number;
    readonly result: '' | 'success' | 'failure';
    readonly failureReason:
      '' | 'aborted' | 'bad-status' | 'fetch-error' | 'quota-exceeded' | 'download-total-exceeded';
    readonly recordsAvailable: boolean;
    onprogress: ((this: BackgroundFetchRegistration, ev: Event) => any) | null;
  }
>(true);
assertSame<
  Attributes<BackgroundFetchRecord, never>,
  { readonly request: Request; readonly responseReady: Promise<Response> }
>(true);
assertSame<
  Pick<ServiceWorkerRegistration, 'backgroundFetch'>,
  { readonly backgroundFetch: BackgroundFetchManager }
>(true);

type One = RequestInfo | URL;
assertSame<
  Pick<BackgroundFetchManager, 'fetch' | 'get' | 'getIds'>,
  {
    fetch: (
      id: string,
      requests: One | Iterable<One>,
      options?: BackgroundFetchOptions,
    ) => Promise<BackgroundFetchRegistration>;
    get: (id: string) => Promise<BackgroundFetchRegistration | undefined>;
    getIds: () => Promise<string[]>;
  }
>(true);
assertSame<
  Pick<BackgroundFetchRegistration, 'abort' | 'match' | 'matchAll'>,
  {
    abort: () => Promise<boolean>;
    match: (request: One, options?: CacheQueryOptions) => Promise<BackgroundFetchRecord | undefined>;
    matchAll: (request?: One, options?: CacheQueryOptions) => Promise<BackgroundFetchRecord[]>;
  }
>(true);

assertSame<
  BackgroundFetchPolyfillOptions,
  {
    force?: boolean;
    isPermitted?: () => boolean | PromiseLike<boolean>;
    wasm?: string | URL;
    notifications?: boolean | BackgroundFetchPolyfillNotifications;
    settings?: BackgroundFetchPolyfillSettings;
  }
>(true);
type Numbers<Name extends string> = { [name in Name]?: number };
assertSame<
  Omit<BackgroundFetchPolyfillSettings, 'retry'>,
  Numbers<
    | 'connections'
    | 'connectionsPerOrigin'
    | 'splitBytes'
    | 'unstoredBytes'
    | 'unstoredTime'
    | 'stallTime'
    | 'answerTime'
    | 'staleTime'
    | 'handlerTime'
    | 'progressInterval'
    | 'reminderInterval'
  >
>(true);
assertSame<Pick<BackgroundFetchPolyfillSettings, 'retry'>, { retry?: BackgroundFetchPolyfillRetryPolicy }>(
  true,
);
assertSame<
  BackgroundFetchPolyfillRetryPolicy,
  Numbers<
    | 'attemptsToConnect'
    | 'attemptsToResume'
    | 'attemptsAgainstPolicy'
    | 'restarts'
    | 'firstDelay'
    | 'longestDelay'
    | 'longestRetryAfter'
  >
>(true);

// The check itself can fail.
// @ts-expect-error: any is not string
assertSame<any, string>(true);
// @ts-expect-error: one is read-only
assertSame<{ readonly a: 1 }, { a: 1 }>(true);
