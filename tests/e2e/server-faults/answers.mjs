import { RandomContent } from '../../server/content.mjs';

/**
 * What the tables of faults are made of. A row has
 *
 * - `name`
 * - `answers`: what the server does with the first GET, the second, ..., and with all later ones; each the options of a
 *   file (tests/server/README.md) or a function `({ request, path, server }) => options`
 * - `head`: what it does with HEAD, by which the polyfill finds out whether it can be reached
 * - `file`: options of all answers; without others it has SIZE bytes of version 'one', with the ETag "one"
 * - `beside`: options of further files by suffix, `{'-elsewhere': {...}}`
 * - `from`: 'own' (the page's origin), 'exposed' or 'hidden' (another one, with and without its headers)
 * - `downloadTotal`, `abortAt` (bytes)
 * - `expect`: `reason` (the failureReason; none for success), `response` (`{status, seed, size}` or `{status, text}`, or
 *   `{error}`, the name of responseReady's), `ranges` (the Range of each GET) or `requests` (their number), `sent` (body
 *   bytes on the wire), `pause` (ms between the last two requests); numbers are exact, or `{least, most}`
 * - `in`: other expectations in some engines, `{firefox: {...}}`
 */
export const SIZE = 50_000;

/** The second version of a file. */
export const TWO = { seed: 'two', etag: '"two"' };

/** The connection ends after so many bytes, as soon as the page shows them: what is under way then may be lost. */
export const cutWhenSeen = (bytes) => ({ cutAfter: bytes, stallAfter: bytes });

/** Where WebKitGTK behaves in its own way. */
export const inWebKit = (change) => ({ webkit: change, 'webkit-private': change });

export const from = (start) => `bytes=${start}-`;

export const bytesOf = (seed, start, end) => new RandomContent(seed, SIZE).read(start, end);

export const FETCH_ERROR = { reason: 'fetch-error', response: { error: 'TypeError' } };

export const badStatus = (status, text) => ({ reason: 'bad-status', response: { status, text } });

/** So many stored bytes are asked for again where headers may be hidden. */
export const OVERLAP = 64;

/**
 * A row for each of the origins that a file may be of. `describe` makes it, given how many stored bytes are asked for again
 * there; `changes` are for origins where something else is expected.
 */
export function inEachOrigin(describe, changes = {}) {
  return ['own', 'exposed', 'hidden'].map((origin) => {
    const row = describe(origin === 'own' ? 0 : OVERLAP);
    return { ...row, ...changes[origin], name: `${row.name}, ${origin}`, from: origin };
  });
}
