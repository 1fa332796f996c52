/** The options, as `self.backgroundFetchPolyfill` before the script is loaded, or as argument of the ponyfill. */
export interface BackgroundFetchPolyfillOptions {
  /** Replace a native API, too. Use it in page and worker, or in neither. */
  force?: boolean;
  /**
   * Whether the permission `background-fetch` is granted. False makes `fetch()` reject with NotAllowedError. Without it
   * the permission counts as granted.
   */
  isPermitted?: () => boolean | PromiseLike<boolean>;
  /**
   * The address of the file `background-fetch-polyfill.wasm`, which is loaded when there is something to fetch. Without it the
   * file has to be beside the script, or where a bundler puts it. Relative to the page, or to the worker's script.
   */
  wasm?: string | URL;
  /**
   * In service workers: one notification for each background fetch, where the permission is granted and no page with a download shelf
   * is visible. The polyfill asks for no permission. A click on it fires `backgroundfetchclick`.
   * @defaultValue false
   */
  notifications?: boolean | BackgroundFetchPolyfillNotifications;
  settings?: BackgroundFetchPolyfillSettings;
}

/** How the notifications look. Their title is that of the fetch, or its id. */
export interface BackgroundFetchPolyfillNotifications {
  /** Shown where the fetch has no icon. */
  icon?: string;
  texts?: Partial<Record<'pause' | 'resume' | 'cancel' | 'paused' | 'done' | 'failed', string>>;
}

/** What `self.backgroundFetchPolyfill` is: the options, and once the script is loaded what modules import. */
export interface BackgroundFetchPolyfillGlobal extends BackgroundFetchPolyfillOptions {
  pause?: typeof import('./pausing.js').pause;
  resume?: typeof import('./pausing.js').resume;
  isPaused?: typeof import('./pausing.js').isPaused;
  isWaitingForNetwork?: typeof import('./pausing.js').isWaitingForNetwork;
  /** In service workers that have loaded storage-manager-worker.js. */
  storageManager?: typeof import('./storage-manager-worker.js').storageManager;
}

/**
 * Counts, sizes and times are whole numbers and not negative. Others make the methods of the API reject with TypeError;
 * unknown names are passed over.
 */
export interface BackgroundFetchPolyfillSettings {
  /**
   * Records of one background fetch that are fetched at the same time; half as many again while files come that are smaller than
   * 64 KiB and there within half a second.
   * @defaultValue 4
   */
  connections?: number;
  /**
   * Requests to one origin that are on their way at the same time, of all background fetches that a page runs; half as many again
   * while such files come.
   * @defaultValue 4
   */
  connectionsPerOrigin?: number;
  /**
   * Files of so many bytes and more come in over several connections, where that is faster and the server takes ranges.
   * @defaultValue 8388608 (8 MiB)
   */
  splitBytes?: number;
  /**
   * Received bytes of one background fetch that may not be stored yet.
   * @defaultValue 8388608 (8 MiB)
   */
  unstoredBytes?: number;
  /**
   * Longest time, in milliseconds, that received bytes stay unstored.
   * @defaultValue 500
   */
  unstoredTime?: number;
  /**
   * A connection that brings nothing for so many milliseconds is given up and tried again. Before an answer, each silent attempt
   * in a row has twice the time of the one before, up to an hour.
   * @defaultValue 60000
   */
  stallTime?: number;
  /**
   * Milliseconds without news after which a request that cannot be sent again (anything but GET) has failed. They count from
   * when its body is known to have left; where that cannot be known, it has a day.
   * @defaultValue 600000 (10 minutes)
   */
  answerTime?: number;
  /**
   * Milliseconds after which an unfinished background fetch of which nothing came, and that is not paused, has failed. The last
   * quarter counts from when a page or worker has found that the others are over. An event whose workers end before it is
   * handled comes again for as long, with pauses of up to an hour; then it counts as handled.
   * @defaultValue 2592000000 (30 days)
   */
  staleTime?: number;
  /**
   * Longest time, in milliseconds, that the handler of an event may take. Then the event counts as handled.
   * @defaultValue 1800000 (30 minutes)
   */
  handlerTime?: number;
  /**
   * Shortest time, in milliseconds, between two `progress` events.
   * @defaultValue 100
   */
  progressInterval?: number;
  /**
   * How often, in milliseconds, a page reminds the worker of an event that is being handled.
   * @defaultValue 10000
   */
  reminderInterval?: number;
  retry?: BackgroundFetchPolyfillRetryPolicy;
}

/**
 * When a request that failed is sent again. What is counted are failures while the server can be reached. A count starts anew
 * with every byte that was not there before.
 */
export interface BackgroundFetchPolyfillRetryPolicy {
  /**
   * Failures in a row before a record fails that no response has been seen of.
   * @defaultValue 8
   */
  attemptsToConnect?: number;
  /**
   * Failures in a row before a record fails that is under way.
   * @defaultValue 20
   */
  attemptsToResume?: number;
  /**
   * Failures in a row, while the server answers other requests, before a request counts as forbidden by policy (CORS,
   * redirects).
   * @defaultValue 3
   */
  attemptsAgainstPolicy?: number;
  /**
   * Times a file may begin anew because the server's copy changed or because it does not take ranges; and, of those that
   * cannot be continued, because it was cut.
   * @defaultValue 5
   */
  restarts?: number;
  /**
   * Milliseconds before the second attempt. They double with each failure.
   * @defaultValue 500
   */
  firstDelay?: number;
  /**
   * Milliseconds.
   * @defaultValue 60000
   */
  longestDelay?: number;
  /**
   * Longest `Retry-After`, in milliseconds, that is honoured.
   * @defaultValue 3600000
   */
  longestRetryAfter?: number;
}
