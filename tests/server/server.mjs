import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { isPreflight, preflightHeaders } from './cors.mjs';
import { mediaType } from './media-type.mjs';
import { RateLimiter } from './rate-limiter.mjs';
import { ServedFile } from './served-file.mjs';

// Node's own limit is 16 KiB, for the request line and all headers together.
const MAX_HEADER_SIZE = 64 * 1024;

const PKG = fileURLToPath(new URL('../../pkg/', import.meta.url));

// Below the range from which the kernel takes the client's end of a connection (32768 and up on Linux), so that
// nobody takes the port while the server is stopped; counted up, so that no origin is used twice in a process.
const FIRST_PORT = 20000;
const PORTS = 11000;
let nextPort = Math.floor(Math.random() * PORTS);

async function listen(http) {
  for (;;) {
    const port = FIRST_PORT + (nextPort++ % PORTS);
    try {
      return await listenAt(http, port);
    } catch (error) {
      if (error.code !== 'EADDRINUSE') throw error;
    }
  }
}

async function listenAt(http, port) {
  http.listen({ port, host: '127.0.0.1' });
  await once(http, 'listening');
  return port;
}

function pathOf(url) {
  return new URL(url, 'http://localhost').pathname;
}

class TestServer {
  #servers = [];
  #ports = [];
  #files = new Map();
  #mounts = new Map([['/pkg/', PKG]]);
  #records = [];
  #limiter;
  #waiters = new Set();

  /** Bytes per second for all connections together; may be changed at any time; undefined: no limit. */
  throttleTotal;

  /** @param {{ throttleTotal?: number }} [options] */
  constructor({ throttleTotal } = {}) {
    this.throttleTotal = throttleTotal;
    this.#limiter = new RateLimiter(() => this.throttleTotal);
  }

  async start() {
    for (let i = 0; i < 2; i += 1) {
      const http = this.#newHttpServer();
      this.#servers.push(http);
      this.#ports.push(await listen(http));
    }
    return this;
  }

  get origin() {
    return `http://localhost:${this.#ports[0]}`;
  }

  /** The same files under a second port: cross-origin. */
  get otherOrigin() {
    return `http://localhost:${this.#ports[1]}`;
  }

  url(path) {
    return this.origin + path;
  }

  otherUrl(path) {
    return this.otherOrigin + path;
  }

  /** Programs a path; gives the ServedFile with `update(options)` and `release()`. */
  file(path, options = {}) {
    const file = new ServedFile(path, { ...options });
    this.#files.set(path, file);
    return file;
  }

  /** A page or a script; HTML unless the path's extension says something else. */
  page(path, body, options = {}) {
    const type = extname(path) ? mediaType(path) : mediaType('.html');
    return this.file(path, { body, type, ...options });
  }

  has(path) {
    return this.#files.has(path);
  }

  /** Serves a directory's files under a path; `/pkg/` is there from the start. */
  mount(prefix, directory) {
    this.#mounts.set(prefix.endsWith('/') ? prefix : `${prefix}/`, directory);
  }

  release(path) {
    this.#files.get(path).release();
  }

  contentOf(path) {
    const file = this.#files.get(path);
    return file.contentFor(file.options);
  }

  sha256(path) {
    return this.contentOf(path).sha256();
  }

  /** The bytes [start, end) of a file, for comparison. */
  bytes(path, start = 0, end = undefined) {
    const content = this.contentOf(path);
    return content.read(start, end ?? content.size);
  }

  /** Requests so far, preflights left out; `path` may have a query, then only that counts. */
  requests(path) {
    return this.#recordsOf(path).filter((record) => !record.preflight);
  }

  preflights(path) {
    return this.#recordsOf(path).filter((record) => record.preflight);
  }

  #recordsOf(path) {
    if (path === undefined) return [...this.#records];
    return this.#records.filter((record) => (path.includes('?') ? record.url : record.path) === path);
  }

  /** Body bytes handed to the sockets. */
  sent(path) {
    return this.requests(path).reduce((sum, record) => sum + record.sent, 0);
  }

  resetCounts() {
    this.#records = [];
    for (const file of this.#files.values()) file.resetCount();
  }

  /** Resolves with the first truthy value of `condition`, looked at whenever a request or bytes go through. */
  async until(condition, { timeout = 10_000, message = String(condition) } = {}) {
    const found = condition();
    if (found) return found;
    return new Promise((resolve, reject) => {
      const finish = (settle, value) => {
        this.#waiters.delete(look);
        clearTimeout(timer);
        settle(value);
      };
      const look = () => {
        try {
          const value = condition();
          if (value) finish(resolve, value);
        } catch (error) {
          finish(reject, error);
        }
      };
      const timer = setTimeout(() => {
        finish(reject, new Error(`The server did not see within ${timeout} ms: ${message}`));
      }, timeout);
      this.#waiters.add(look);
    });
  }

  #changed = () => {
    for (const look of [...this.#waiters]) look();
  };

  /** Refuses connections and ends the open ones, until `restart()`. */
  async stop() {
    await Promise.all(
      this.#servers.map(async (http) => {
        const closed = http.listening ? once(http, 'close') : null;
        http.close();
        http.closeAllConnections();
        await closed;
      }),
    );
  }

  /** Listens on the same ports again. */
  async restart() {
    this.#servers = this.#servers.map(() => this.#newHttpServer());
    for (const [i, http] of this.#servers.entries()) await listenAt(http, this.#ports[i]);
  }

  async close() {
    await this.stop();
  }

  #newHttpServer() {
    const http = createServer({ keepAlive: true, maxHeaderSize: MAX_HEADER_SIZE }, (request, response) => {
      this.#handle(request, response).catch((error) => {
        if (error.name === 'AbortError' || error.code === 'ECONNRESET') return;
        console.error(`Test server, ${request.method} ${request.url}:`, error);
        response.destroy();
      });
    });
    // Ends of idle connections would race with the next request and look like faults nobody programmed.
    Object.assign(http, { keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 });
    return http;
  }

  async #handle(request, response) {
    const path = pathOf(request.url);
    const record = this.#newRecord(request, path);
    const gone = new AbortController();
    response.on('close', () => {
      record.done = true;
      record.aborted = !response.writableFinished && !record.cut;
      gone.abort();
      this.#changed();
    });
    this.#changed();
    const file = this.#files.get(request.url) ?? this.#files.get(path);
    await this.#consume(request, record, new RateLimiter(file?.options.readThrottle), gone.signal);

    if (record.preflight) {
      this.#answer(response, record, 204, preflightHeaders(file?.options.cors, request));
    } else if (file) {
      const tools = { record, limiter: this.#limiter, signal: gone.signal, changed: this.#changed };
      await file.respond(request, response, tools);
    } else {
      await this.#fromDirectory(path, response, record);
    }
  }

  #newRecord({ method, url, headers, socket, ...request }, path) {
    const record = {
      method,
      url,
      path,
      origin: `http://localhost:${socket.localPort}`,
      headers,
      range: headers.range ?? null,
      preflight: isPreflight({ method, headers, ...request }),
      at: performance.now(),
      status: null,
      responseHeaders: null,
      sent: 0,
      bodyLength: 0,
      bodySha256: null,
      aborted: false,
      cut: false,
      done: false,
    };
    this.#records.push(record);
    return record;
  }

  async #consume(request, record, limiter, signal) {
    const hash = createHash('sha256');
    for await (const bytes of request) {
      hash.update(bytes);
      record.bodyLength += bytes.length;
      await limiter.take(bytes.length, signal);
      this.#changed();
    }
    record.bodySha256 = hash.digest('hex');
    record.contentType = request.headers['content-type'] ?? null;
  }

  #answer(response, record, status, headers, body = '') {
    Object.assign(record, { status, responseHeaders: headers });
    response.writeHead(status, headers);
    response.end(body);
    this.#changed();
  }

  async #fromDirectory(path, response, record) {
    const mount = [...this.#mounts].find(([prefix]) => path.startsWith(prefix));
    const local = mount && join(mount[1], normalize(`/${decodeURIComponent(path.slice(mount[0].length))}`));
    const found = local && (await stat(local).catch(() => null));
    if (!found?.isFile()) {
      this.#answer(response, record, 404, { 'content-type': 'text/plain' }, `No ${path} here\n`);
      return;
    }
    const headers = {
      'cache-control': 'no-store',
      'content-type': mediaType(local),
      'content-length': found.size,
      'service-worker-allowed': '/',
    };
    Object.assign(record, { status: 200, responseHeaders: headers, sent: found.size });
    response.writeHead(200, headers);
    await pipeline(createReadStream(local), response).catch((error) => {
      if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
    });
  }
}

/** Starts the programmable server on two loopback ports. */
export async function startServer(options) {
  return new TestServer(options).start();
}
