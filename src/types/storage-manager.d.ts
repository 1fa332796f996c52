/** The part of the storage manager for pages. */

import type { ManifestIcon } from './manifest.js';

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
