/**
 * What every realm has at hand: free storage, tasks, and bytes in the browser's hands. Those are a `Uint8Array` as it came from
 * the network, or a `Blob` or `ArrayBuffer` as stored.
 */

/**
 * Resolves to the bytes that the origin may still store; to undefined where the browser does not tell: WebKitGTK has no
 * `navigator.storage` (https://bugs.webkit.org/show_bug.cgi?id=320809).
 */
export async function availableStorage() {
  if (!navigator.storage?.estimate) return undefined;
  const { quota, usage } = await navigator.storage.estimate();
  return quota === undefined || usage === undefined ? undefined : quota - usage;
}

/** Resolves in a task of its own. Unlike those of timers, it does not come late in a hidden page. */
export function nextTask() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve(undefined);
    };
    port2.postMessage(undefined);
  });
}

/**
 * @param {unknown} value
 * @returns {number | undefined} undefined where the value holds no bytes
 */
export function lengthOf(value) {
  return value instanceof Blob ? value.size : arrayOf(value)?.byteLength;
}

/**
 * @param {unknown} value
 * @param {number} start
 * @param {number} end
 */
export function slice(value, start, end) {
  return value instanceof Blob ? value.slice(start, end) : arrayOf(value)?.subarray(start, end);
}

/**
 * Rejects where the value holds no bytes.
 *
 * @param {unknown} value
 * @param {number} start
 * @param {number} end
 */
export async function read(value, start, end) {
  const part = slice(value, start, end);
  if (!part) throw new TypeError('a chunk holds no bytes');
  return part instanceof Blob ? new Uint8Array(await part.arrayBuffer()) : part;
}

/**
 * One value for the database out of a chunk's pieces. The pieces are used up.
 *
 * @param {Uint8Array<ArrayBuffer>[]} pieces
 * @param {boolean} asBlob
 */
export function join(pieces, asBlob) {
  const [first] = pieces;
  // Most small files.
  if (!asBlob && pieces.length === 1 && isOfOwnBuffer(first)) return first.buffer;
  const joined = asBlob ? new Blob(pieces) : joinArrays(pieces);
  pieces.forEach(free);
  return joined;
}

/** @param {Uint8Array[]} pieces */
function joinArrays(pieces) {
  const joined = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const piece of pieces) {
    joined.set(piece, offset);
    offset += piece.length;
  }
  return joined.buffer;
}

/**
 * Gives the memory of a piece back now. Left to the garbage collector, several hundred MiB pile up in Chromium while a large
 * file comes in. Browsers before 2024 have no such function.
 *
 * @param {Uint8Array<ArrayBuffer>} piece
 */
function free(piece) {
  const buffer = /** @type {any} */ (piece.buffer);
  if (isOfOwnBuffer(piece)) buffer.transfer?.(0);
}

/**
 * A buffer that others may look into is not ours to take.
 *
 * @param {Uint8Array} piece
 */
function isOfOwnBuffer(piece) {
  return piece.byteLength === piece.buffer.byteLength;
}

/** @param {unknown} value */
function arrayOf(value) {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  return value instanceof Uint8Array ? value : undefined;
}
