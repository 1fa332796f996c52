/** Registers `<storage-manager-list>`. */
export type { StorageManagerList } from './storage-manager-list.js';
