import { StorageManager } from '../storage-manager/client.js';

/**
 * The clients of this page by their endpoints: lists of one endpoint have one channel and ask once.
 *
 * @type {Map<string, StorageManager>}
 */
const managers = new Map();

/** @param {string | undefined} endpoint */
export function sharedManager(endpoint) {
  const key = endpoint ?? '';
  const manager = managers.get(key) ?? new StorageManager(endpoint ? { endpoint } : {});
  managers.set(key, manager);
  return manager;
}
