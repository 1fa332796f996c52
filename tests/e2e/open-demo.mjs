import assert from 'node:assert/strict';
import { makeAssets } from '../../www/art/make-assets.mjs';
import { startDemoServer } from '../../scripts/serve.mjs';
import { whatAnswers } from './what-answers.mjs';

await makeAssets();

export const ready = () => document.documentElement.dataset.ready;
export const seriesState = (state) => document.getElementById('series').dataset.state === state;
export const click = (id) => document.getElementById(id).click();

/** Waits until a page of the demo is set up. If it does not come true, the error says what the browser does not answer. */
export async function untilReady(page) {
  try {
    await page.waitFor(ready);
  } catch (error) {
    const shown = await page.evaluate(() => document.getElementById('api').dataset.api);
    const answers = await page.evaluate(whatAnswers);
    error.message += `\n${JSON.stringify({ shown, ...answers })}`;
    throw error;
  }
  const text = await page.evaluate(() => document.getElementById('unsupported-text').textContent);
  assert.equal(await page.evaluate(ready), 'yes', text);
}

/** Opens the demo on a server, and so an origin, of its own. `options` as in serve.mjs. */
export async function withDemo(context, { query = '', ...options }, body) {
  const server = await startDemoServer({ port: 0, ...options });
  const page = await context.browser.newPage(`${server.origin}/${query}`);
  try {
    await body(page, server);
  } finally {
    if (!page.closed && !page.browser.ended) await page.close();
    await server.close();
  }
}
