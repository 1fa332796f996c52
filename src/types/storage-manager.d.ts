/** The part of the storage manager for pages. */

import type { ManifestIcon } from './manifest.js';

/** What a page asks of the storage manager in its worker. */
export class StorageManager {
  /** `endpoint`: as in the worker's options. */
  constructor(options?: { endpoint?: string });

  /** All of these reject with StorageManagerError. */
  list(): Promise<Snapshot>;
  /** Begins to fetch a set, or what has changed of it. What is under way or stored stays as it is. */
  store(id: string): Promise<SetState>;
  /** Deletes a set, and aborts what runs of it. */
  remove(id: string): Promise<void>;
  /** Aborts what is being fetched of a set. What is stored of it stays. */
  cancel(id: string): Promise<void>;
  /** Deletes all sets. */
  clear(): Promise<void>;
  /** A native background fetch cannot be paused. */
  pause(id: string): Promise<void>;
  resume(id: string): Promise<void>;
  /** A pinned set is never evicted. */
  pin(id: string, isPinned?: boolean): Promise<void>;

  /** Asks the browser not to delete what is stored when room gets short. Gives whether it promises that. */
  persist(): Promise<boolean>;
  /**
   * Gives a stored file to the user; to be called within a click. Rejects with NotFoundError where it is not stored, and with
   * AbortError where the user chooses no place.
   */
  saveToDisk(url: string, options?: { name?: string }): Promise<void>;

  /** Calls the function after every change, until the one that is given is called. As `useSyncExternalStore` wants it. */
  subscribe(listener: () => void): () => void;
  /** Asks the worker again, for those who have subscribed. Never rejects: the snapshot has the error. */
  refresh(): Promise<void>;
  /** Undefined before the first answer; the same object until something changes. */
  getSnapshot(): Snapshot | undefined;
}

export interface Snapshot {
  sets: SetState[];
  storage: StorageUse;
  /** Why the sets are not those of now. */
  error?: unknown;
}

/** In bytes. */
export interface StorageUse {
  /** Of all sets together. */
  stored: number;
  /** Of all that the origin stores, and may store, where the browser tells. */
  usage?: number;
  quota?: number;
  /** What the sets may have. */
  limit?: number;
}

/** A problem of the endpoint (RFC 9457). */
export class StorageManagerError extends Error {
  /** Of the answer; 0 where there was none. */
  readonly status: number;
  readonly detail: string;
  /** 507: what the set needs, how much of it there is no room for, and which sets would have to go. */
  readonly needed?: number;
  readonly missing?: number;
  readonly wouldHaveToGo?: string[];
}

/** A set of files: one that the manifest lists, or one that is still stored. */
export interface SetState {
  id: string;
  title: string;
  icons: ManifestIcon[];
  /** Bytes of all its files. */
  size: number;
  fileCount: number;
  /**
   * `absent`: nothing is stored. `fetching`, `paused`: a version is on its way. `stored`: as the manifest has it. `outdated`: the
   * manifest has another version. `failed`: the last attempt failed; a version before it may be stored.
   */
  state: 'absent' | 'fetching' | 'paused' | 'stored' | 'outdated' | 'failed';
  /** Whether a version is stored and served. */
  isStored: boolean;
  /** Whether it is never evicted. */
  isPinned: boolean;
  /** Whether the manifest has it. */
  isListed: boolean;
  /** Bytes, while it is being fetched. */
  downloaded?: number;
  downloadTotal?: number;
  /** Of a failed one, as `BackgroundFetchRegistration.failureReason`. */
  failureReason?: BackgroundFetchFailureReason;
}
