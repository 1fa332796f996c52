import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { ifRangeHolds, notModified, requestedRange } from './range.mjs';

/**
 * Answers one GET or HEAD with a file or a part of it.
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {import('./site-files.mjs').SiteFile} file
 * @param {{ pace: import('./pace.mjs').Pace, headers: Record<string, string> }} options
 */
export async function sendFile(request, response, file, { pace, headers }) {
  const common = {
    ...headers,
    etag: file.etag,
    'last-modified': file.lastModified,
    'accept-ranges': 'bytes',
  };
  if (notModified(request.headers, file)) {
    response.writeHead(304, common).end();
    return;
  }
  // Range means something for GET only (RFC 9110, section 14.2).
  const ifRange = /** @type {string | undefined} */ (request.headers['if-range']);
  const ranged = request.method === 'GET' && ifRangeHolds(ifRange, file);
  const range = ranged ? requestedRange(request.headers.range, file.size) : 'whole';
  if (range === 'unsatisfiable') {
    response
      .writeHead(416, { ...common, 'content-range': `bytes */${file.size}`, 'content-length': 0 })
      .end();
    return;
  }
  const { first, last } = range === 'whole' ? { first: 0, last: file.size - 1 } : range;
  const part = range === 'whole' ? {} : { 'content-range': `bytes ${first}-${last}/${file.size}` };
  response.writeHead(range === 'whole' ? 200 : 206, {
    ...common,
    ...part,
    'content-type': file.type,
    'content-length': last - first + 1,
  });
  if (request.method === 'HEAD' || last < first) {
    response.end();
    return;
  }
  await sendBytes(response, file.path, first, last, pace);
}

async function sendBytes(response, path, first, last, pace) {
  // Its close event, awaited below, would be over already.
  if (response.destroyed) return;
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const handle = await open(path);
  try {
    // The head goes out at once: on a slow line the first piece may be long in coming.
    response.flushHeaders();
    for (let at = first; at <= last;) {
      const bytes = Math.min(pace.piece, last - at + 1);
      await pace.take(bytes, gone.signal);
      // A fresh buffer per piece: the response may hold on to it until the socket has drained.
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(bytes), 0, bytes, at);
      if (bytesRead === 0) throw new Error('The file has become shorter.');
      at += bytesRead;
      if (!response.write(buffer.subarray(0, bytesRead)))
        await once(response, 'drain', { signal: gone.signal });
    }
    response.end();
  } catch (error) {
    if (!gone.signal.aborted) response.destroy(error);
  } finally {
    await handle.close();
  }
}
