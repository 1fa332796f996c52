import assert from 'node:assert/strict';
import { assertHashes, assertNothingLeft, openApp } from '../app.mjs';

export const MIB = 1 << 20;
/** One connection brings it: the next request of whoever goes on tells where. */
export const SIZE = 7 * MIB;
/** WebKit gives a worker without pages no more than ten seconds. */
export const THROTTLE = 1.5 * MIB;
/** What a page is shown before it is left: it is not asked for again. */
const SHOWN = MIB;
/** What may be sent twice for each change of hands: what comes in half a second may not be stored yet, and sockets hold some. */
const RESENT_MOST = 3 * MIB;

export async function beginSlowly(context) {
  context.film = context.server.file('/film', { size: SIZE, throttle: THROTTLE });
  const page = await openApp(context);
  await page.evaluate(() => window.app.fetch('film', '/film'));
  await page.waitFor((least) => window.app.state('film').downloaded >= least, SHOWN);
  return page;
}

/** Resolves with the milliseconds from now until the next request goes on with the file. */
export async function untilGoneOn({ server }, leave) {
  const count = server.requests('/film').length;
  const left = performance.now();
  await leave();
  await server.until(() => server.requests('/film').length > count);
  const [, start] = /^bytes=(\d+)-$/.exec(server.requests('/film')[count].range);
  assert.ok(Number(start) >= SHOWN, start);
  return performance.now() - left;
}

export async function assertArrived(page, server, changes) {
  await assertHashes(page, server, 'film', ['/film']);
  const sent = server.sent('/film');
  assert.ok(sent <= SIZE + changes * RESENT_MOST, `${((sent - SIZE) / MIB).toFixed(1)} MiB sent again`);
  await assertNothingLeft(page);
}
