import { startServer } from '../server/server.mjs';

/**
 * Runs a trial with a server of its own, therefore an origin with nothing stored; the browser's profile is one for all.
 *
 * @template T
 * @param {import('../browsers/shared-browser.mjs').SharedBrowser} shared
 * @param {(context: any) => Promise<T>} run
 * @returns {Promise<T>}
 */
export async function inFreshOrigin(shared, run) {
  const server = await startServer();
  await shared.running();
  const context = {
    server,
    get browser() {
      return shared.current;
    },
    restartBrowser: () => shared.restart(),
  };
  try {
    return await run(context);
  } finally {
    await server.close();
  }
}
