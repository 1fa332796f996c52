/**
 * The demo's server: the site on one port, the same assets as another origin on the next one. By itself:
 *
 *     node scripts/serve.mjs      PORT=8080 by default
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Control } from './serve/control.mjs';
import { Pace } from './serve/pace.mjs';
import { sendFile } from './serve/send-file.mjs';
import { SiteFiles } from './serve/site-files.mjs';

const HOST = '127.0.0.1';
const DEFAULT_SPEED = 5_000_000;
const WWW = fileURLToPath(new URL('../www/', import.meta.url));
const CORS = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'Accept-Ranges, Content-Encoding, Content-Length, Content-Range, ETag',
};
const PREFLIGHT = {
  ...CORS,
  'access-control-allow-methods': 'GET, HEAD',
  'access-control-allow-headers': 'If-Range, Range',
  'access-control-max-age': '600',
};

const contentSecurityPolicy = (otherOrigin) =>
  [
    `default-src 'self'`,
    `script-src 'self' 'wasm-unsafe-eval'`,
    `connect-src 'self' ${otherOrigin}`,
    `img-src 'self' blob:`,
    `media-src 'self' blob:`,
    `object-src 'none'`,
    `base-uri 'none'`,
    `form-action 'none'`,
    `frame-ancestors 'none'`,
    `require-trusted-types-for 'script'`,
    `trusted-types demo-worker`,
  ].join('; ');

/** The speed of one address by itself: `?throttle=BYTES_PER_SECOND`. */
function ownPace(search) {
  const wish = Number(search.get('throttle'));
  return Number.isFinite(wish) && wish > 0 ? new Pace(wish) : null;
}

/**
 * @param {object} [options]
 * @param {number} [options.port] 0 for any free one
 * @param {number} [options.bytesPerSecond] speed that all assets share; 0 for no limit
 * @param {Array<{ at: string, directory: string }>} [options.mounts] further directories, served without the
 *   demo's Content-Security-Policy; `at` begins and ends with a slash
 * @returns {Promise<{ origin: string, otherOrigin: string, port: number, pace: Pace, close: () => Promise<void> }>}
 */
export async function startDemoServer({ port = 8080, bytesPerSecond = DEFAULT_SPEED, mounts = [] } = {}) {
  const pace = new Pace(bytesPerSecond);
  const site = new SiteFiles([
    { at: '/', directory: `${WWW}dist` },
    { at: '/', directory: WWW },
  ]);
  const extras = new SiteFiles(mounts);
  const assets = new SiteFiles([{ at: '/assets/', directory: `${WWW}assets` }]);
  const servers = [];
  const control = new Control({
    pace,
    otherOrigin: () => otherOrigin,
    cut: () => servers.forEach((server) => server.closeAllConnections()),
  });
  let otherOrigin = '';

  const answerSite = async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://localhost');
    if (pathname === '/control') return control.answer(request, response);
    if (!readable(request, response)) return undefined;
    const extra = await extras.find(pathname);
    const file = extra ?? (await site.find(pathname));
    if (!file) return missing(response);
    const asset = pathname.startsWith('/assets/');
    return sendFile(request, response, file, {
      pace: ownPace(searchParams) ?? (asset ? pace : new Pace()),
      headers: {
        // Assets are not kept by the HTTP cache, so that storing them a second time shows the line's speed again.
        'cache-control': asset ? 'no-store' : 'no-cache',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'same-origin',
        ...(extra ? {} : { 'content-security-policy': contentSecurityPolicy(otherOrigin) }),
      },
    });
  };

  const answerOther = async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://localhost');
    const open = pathname.startsWith('/cors/');
    if (open && request.method === 'OPTIONS') return response.writeHead(204, PREFLIGHT).end();
    if (!readable(request, response)) return undefined;
    const file = await assets.find(pathname.replace(/^\/(?:no-)?cors\//, '/'));
    if (!file) return missing(response, open ? CORS : {});
    return sendFile(request, response, file, {
      pace: ownPace(searchParams) ?? pace,
      headers: { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', ...(open ? CORS : {}) },
    });
  };

  const guarded = (answer) => (request, response) => {
    if (control.outage) {
      request.socket.destroy();
      return;
    }
    Promise.resolve(answer(request, response)).catch(() => {
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  };

  try {
    const main = await listen(guarded(answerSite), port, servers);
    const other = await listen(guarded(answerOther), port === 0 ? 0 : port + 1, servers);
    otherOrigin = `http://localhost:${other}`;
    return {
      origin: `http://localhost:${main}`,
      otherOrigin,
      port: main,
      pace,
      close: () => closeAll(servers),
    };
  } catch (error) {
    await closeAll(servers);
    throw error;
  }
}

function readable(request, response) {
  if (request.method === 'GET' || request.method === 'HEAD') return true;
  response.writeHead(405, { allow: 'GET, HEAD' }).end();
  return false;
}

function missing(response, headers = {}) {
  response.writeHead(404, {
    ...headers,
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
  });
  response.end('There is no such file.\n');
}

async function listen(answer, port, servers) {
  const server = createServer({ keepAliveTimeout: 60_000 }, answer);
  server.listen(port, HOST);
  await once(server, 'listening');
  servers.push(server);
  const { port: taken } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return taken;
}

async function closeAll(servers) {
  await Promise.all(
    servers.splice(0).map((server) => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      return closed;
    }),
  );
}

/** Starts the server for a person at the terminal: prints the address, or says what is wrong with the port. */
export async function serveForPerson() {
  const port = Number(process.env.PORT || 8080);
  if (!Number.isInteger(port) || port < 1 || port > 65534) {
    console.error(`PORT has to be a number from 1 to 65534, not "${process.env.PORT}".`);
    process.exitCode = 1;
    return;
  }
  try {
    const { origin } = await startDemoServer({ port });
    console.log(`The demo is at ${origin}  (Ctrl+C ends it)`);
  } catch (error) {
    if (error.code !== 'EADDRINUSE') throw error;
    console.error(
      `Port ${error.port} is in use: the demo needs ${port} and ${port + 1}. Choose another one: PORT=9000 npm start`,
    );
    process.exitCode = 1;
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await serveForPerson();
