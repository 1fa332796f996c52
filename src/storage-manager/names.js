/** What pages and workers have to call by the same names. */

/** Where the worker takes requests, unless the app says otherwise. */
export const ENDPOINT = '/storage-manager';

/** The path behind the endpoint at which a stored file is an attachment. */
export const ATTACHMENT = '/attachment';

/** The channel on which the worker tells that something has changed, and the type of the message by which it asks a page. */
export const CHANNEL = 'background-fetch-storage-manager';

/** With it begin the ids of the background fetches that are the storage manager's. */
export const PREFIX = 'storage-manager:';
