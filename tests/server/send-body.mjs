import { once } from 'node:events';
import { createBrotliCompress, createGzip, constants } from 'node:zlib';

const PIECE = 128 * 1024;

function* plainPieces({ content, start, end }, pieceLength) {
  for (let offset = start; offset < end;) {
    const piece = content.read(offset, Math.min(end, offset + pieceLength()));
    yield piece;
    offset += piece.length;
  }
}

async function* codedPieces(plan, pieceLength, coder) {
  const feed = async () => {
    for (const piece of plainPieces(plan, () => PIECE)) if (!coder.write(piece)) await once(coder, 'drain');
    coder.end();
  };
  feed().catch((error) => coder.destroy(error));
  for await (const piece of coder) {
    for (let offset = 0; offset < piece.length;) {
      const next = Math.min(piece.length, offset + pieceLength());
      yield piece.subarray(offset, next);
      offset = next;
    }
  }
}

function piecesOf(plan, pieceLength) {
  if (plan.coding === 'gzip') return codedPieces(plan, pieceLength, createGzip({ level: 1 }));
  if (plan.coding === 'br') {
    const params = { [constants.BROTLI_PARAM_QUALITY]: 1 };
    return codedPieces(plan, pieceLength, createBrotliCompress({ params }));
  }
  return plainPieces(plan, pieceLength);
}

/**
 * Writes the body of `plan`, piece by piece, never more than the client takes and the limiters grant.
 *
 * `cutAfter` ends it there, `hold: {after, gate}` waits there for the gate. Gives true when all was sent, false
 * when it was cut. Rejects with the signal's AbortError when the client goes away.
 */
export async function sendBody(response, plan, { limiters, cutAfter = Infinity, hold, signal, onSent }) {
  let sent = 0;
  const write = async (bytes) => {
    for (const limiter of limiters) await limiter.take(bytes.length, signal);
    signal.throwIfAborted();
    const more = response.write(bytes);
    sent += bytes.length;
    onSent(bytes.length);
    if (!more) await once(response, 'drain', { signal });
  };
  const holding = async () => {
    if (hold && sent === hold.after) await hold.gate(signal);
  };

  await holding();
  if (cutAfter === 0) return false;
  for await (const piece of piecesOf(plan, () =>
    Math.min(...limiters.map((each) => each.pieceLength(PIECE))),
  )) {
    let rest = piece;
    while (rest.length > 0) {
      const stop = Math.min(cutAfter, hold && hold.after > sent ? hold.after : Infinity);
      const bytes = rest.subarray(0, Math.min(rest.length, stop - sent));
      await write(bytes);
      rest = rest.subarray(bytes.length);
      await holding();
      if (sent >= cutAfter) return false;
    }
  }
  return true;
}
