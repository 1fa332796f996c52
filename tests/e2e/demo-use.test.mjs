import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { forEachEngine } from './harness.mjs';
import { seriesState, untilReady, withDemo } from './open-demo.mjs';

const SLOW = 2_000_000;

/** What Enter does on a button: it presses the one that has the focus. */
const press = (id) => {
  const button = document.getElementById(id);
  button.focus();
  if (document.activeElement !== button) throw new Error(`${id} cannot have the focus`);
  button.click();
};
const pressAgain = () => /** @type {HTMLElement} */ (document.activeElement).click();
const focused = () => document.activeElement.id || document.activeElement.tagName;
const isFocused = (id) => document.activeElement.id === id;
const told = (text) => document.getElementById('log').textContent.includes(text);
const shows = (id, text) => document.getElementById(id).textContent.includes(text);
const server = (state) => document.getElementById('server').dataset.server === state;
const bytes = () => document.getElementById('progress').value;
const grows = (before) => document.getElementById('progress').value > before;
const moves = () => /^[1-9].*B\/s$/.test(document.getElementById('progress-speed').textContent);
/** All that can be read. */
const said = () => document.body.innerText;

/** A line to the demo's server that goes dead without a word while `dead` is true, as a router's does that lost its own. */
async function startLine(port) {
  const sockets = new Set();
  const line = { dead: false, origin: '', close: () => {} };
  const carry = (from, to) => {
    sockets.add(from);
    from.on('data', (data) => line.dead || to.write(data));
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
  };
  const listener = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    carry(near, far);
    carry(far, near);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port: own } = /** @type {import('node:net').AddressInfo} */ (listener.address());
  line.origin = `http://localhost:${own}`;
  line.close = () => {
    listener.close();
    for (const socket of sockets) socket.destroy();
  };
  return line;
}

forEachEngine('the demo in use', ({ test }) => {
  const demo = (name, body) =>
    test(name, { timeout: 120_000 }, (context) =>
      withDemo(context, { query: '?force', bytesPerSecond: SLOW }, async (page, demoServer) => {
        await untilReady(page);
        await body(page, demoServer);
      }),
    );

  demo('nothing is lost to a second Enter, and the keyboard keeps its place', async (page, { pace }) => {
    await page.evaluate(press, 'store');
    await page.waitFor(seriesState, 'storing');
    assert.equal(await page.evaluate(focused), 'store');
    await page.evaluate(pressAgain);
    await page.waitFor(grows, 1e6);

    await page.evaluate(press, 'abort');
    await page.evaluate(pressAgain);
    assert.equal(await page.evaluate(focused), 'abort');
    await page.waitFor(grows, await page.evaluate(bytes));
    await page.evaluate(press, 'abort');
    await page.evaluate(press, 'question-yes');
    await page.waitFor(told, 'Aborted');
    await page.waitFor(seriesState, 'missing');
    await page.waitFor(isFocused, 'status');

    await page.evaluate(press, 'lab-wrong-url');
    await page.waitFor(told, 'failureReason “bad-status”');
    assert.equal(await page.evaluate(focused), 'lab-wrong-url');

    await page.evaluate(press, 'store');
    await page.waitFor(seriesState, 'storing');
    await page.waitFor(grows, 1e6);
    // What is asked about is over before the answer.
    await page.evaluate(press, 'abort');
    pace.bytesPerSecond = 0;
    await page.waitFor({ timeout: 60_000 }, seriesState, 'stored');
    await page.waitFor(isFocused, 'status');

    await page.evaluate(press, 'remove');
    await page.evaluate(pressAgain);
    assert.equal(await page.evaluate(focused), 'remove');
    assert.ok(await page.evaluate(seriesState, 'stored'));
    await page.evaluate(press, 'remove');
    await page.evaluate(press, 'question-yes');
    await page.waitFor(seriesState, 'missing');
    assert.equal(await page.evaluate(focused), 'status');
  });

  demo("a click on the shelf opens the series' page", async (page) => {
    await page.evaluate(press, 'store');
    await page.waitFor(seriesState, 'storing');
    await page.waitFor(() => {
      const shelf = document.querySelector('background-fetch-shelf');
      return shelf?.shadowRoot.querySelector('[part=body]') !== null;
    });
    await page.evaluate(() => {
      const { open } = window;
      window.open = (...args) => (window.opened = open.apply(window, args));
      document.querySelector('background-fetch-shelf').shadowRoot.querySelector('[part=body]').click();
    });
    const path = await page.waitFor(() => {
      const { location, document: inside } = window.opened ?? {};
      return inside?.querySelector('h1') && location.pathname;
    });
    assert.equal(path, '/series.html');
    await page.evaluate(() => window.opened.close());
  });

  demo('says what is true while the line is cut or dead', async (page, demoServer) => {
    const line = await startLine(demoServer.port);
    try {
      await page.goto(`${line.origin}/?force`);
      await untilReady(page);
      line.dead = true;
      await page.waitFor(server, 'off');
      assert.doesNotMatch(await page.evaluate(said), /Server on|comes? from this device/);
      line.dead = false;
      await page.waitFor(server, 'on');

      await page.evaluate(press, 'store');
      await page.waitFor({ timeout: 30_000 }, moves);
      await page.evaluate(press, 'cut');
      await page.waitFor({ timeout: 3_000 }, shows, 'progress-speed', '0 B/s, waiting for the server');
      assert.doesNotMatch(await page.evaluate(said), /Server on|s left|Storing in the background/);
      assert.match(await page.evaluate(said), /Waiting for the server/);
      assert.equal(await page.evaluate(focused), 'cut');
      const before = await page.evaluate(bytes);
      await page.waitFor({ timeout: 40_000 }, grows, before);
      await page.waitFor(moves);
      await page.waitFor(server, 'on');
      demoServer.pace.bytesPerSecond = 0;
      await page.waitFor({ timeout: 60_000 }, seriesState, 'stored');

      await demoServer.close();
      await page.waitFor(server, 'off');
      assert.match(await page.evaluate(said), /What you see and hear comes from this device/);
      await page.evaluate(press, 'lab-cors');
      await page.waitFor(told, 'needs the server');
    } finally {
      line.close();
    }
  });
});
