/** A transaction for each costs little. */
const CHUNK = 8 << 20;

/**
 * Writes the files of a background fetch of the browser's own into the store, piece by piece, as they are read. Gives them by
 * URL, for `replace()`.
 *
 * @param {BackgroundFetchRegistration} registration
 * @param {import('./stored-files.js').StoredFiles} stored
 * @returns {Promise<Map<string, import('./stored-files.js').Fetched>>}
 */
export async function copyRecords(registration, stored) {
  const uid = newUid();
  const fetched = new Map();
  const records = await registration.matchAll();
  for (const [index, record] of records.entries()) {
    const { headers, body } = await record.responseReady;
    const size = await copyBody(body, stored, uid, index);
    const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`);
    fetched.set(record.request.url, { uid, index, size, headers: lines.join('') });
  }
  return fetched;
}

/**
 * @param {ReadableStream<Uint8Array> | null} body
 * @param {import('./stored-files.js').StoredFiles} stored
 * @param {string} uid
 * @param {number} index
 */
async function copyBody(body, stored, uid, index) {
  let [offset, length] = [0, 0];
  /** @type {Uint8Array<ArrayBuffer>[]} */
  let pieces = [];
  const flush = async () => {
    if (length > 0) await stored.addChunk(uid, index, offset, new Blob(pieces));
    offset += length;
    length = 0;
    pieces = [];
  };
  if (!body) return 0;
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(/** @type {Uint8Array<ArrayBuffer>} */ (value));
    length += value.byteLength;
    if (length >= CHUNK) await flush();
  }
  await flush();
  return offset;
}

/** As `UniqueId` in src/model/unique_id.rs. */
function newUid() {
  const [random] = crypto.getRandomValues(new Uint32Array(1));
  const hex = (/** @type {number} */ number, /** @type {number} */ digits) =>
    number.toString(16).padStart(digits, '0');
  return hex(Date.now(), 12) + hex(random, 8);
}
