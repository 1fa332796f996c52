import { storageManager } from './worker.js';

// For scripts without imports.
self.backgroundFetchPolyfill = Object.assign(self.backgroundFetchPolyfill ?? {}, { storageManager });
