/** The part of the storage manager for service workers. */

export interface StorageManagerOptions {
  /** The URL of the manifest, relative to the worker's scope. Its files are of the worker's origin. */
  manifest: string;
  /**
   * The URL at which the worker takes the page's requests, relative to the worker's scope.
   * @defaultValue '/storage-manager'
   */
  endpoint?: string;
  /** What may be stored. Without it nothing is evicted, and a set is refused that the quota has no room for. */
  budget?: StorageBudget;
}

export interface StorageBudget {
  /** Bytes of all sets together. Sets that were not used for the longest time are evicted, but none that is pinned. */
  maxBytes?: number;
  /** The same as a share of the quota, from 0 to 1. */
  maxQuotaShare?: number;
}

/**
 * Stores sets of files as a manifest lists them, serves the files, also offline, and takes the page's requests. To be called while
 * the worker's script is first evaluated, after the polyfill's and before the app's own `fetch` listeners.
 */
export function storageManager(options: StorageManagerOptions): void;
