import { launch } from '../../tests/browsers/index.mjs';
import { ProcessTree } from '../../tests/browsers/process-tree.mjs';
import { findWasmBindgen } from '../setup/wasm.mjs';
import { overFewConnections } from './few-connections.mjs';

// wasm-bindgen's test runner knows no WebKit but Safari's, and lets some starts of any browser hang. Its interactive mode serves the
// tests to whoever asks for them.
const ADDRESS = /available at http:\/\/[\d.]+:(\d+)/;
const TIMEOUT_MS = 120_000;

function report() {
  return document.querySelector('#output').textContent;
}

/** Prints the report as it grows; gives true when all passed. */
async function show(page) {
  const deadline = performance.now() + TIMEOUT_MS;
  let shown = '';
  while (!/test result: .*\n/.test(shown)) {
    const grown = (length) => document.querySelector('#output').textContent.length !== length;
    await page.waitFor({ timeout: deadline - performance.now() }, grown, shown.length);
    const text = await page.evaluate(report);
    // What was there is replaced once: "Loading scripts..." by "Loading Wasm module...".
    process.stdout.write(text.startsWith(shown) ? text.slice(shown.length) : text);
    shown = text;
  }
  return /test result: ok/.test(shown);
}

const [engine, ...args] = process.argv.slice(2);
const server = new ProcessTree(findWasmBindgen('wasm-bindgen-test-runner'), args, {
  env: { NO_HEADLESS: '1', WASM_BINDGEN_TEST_ADDRESS: '127.0.0.1:0' },
});
let browser;
let served;
try {
  const [, port] = await server.printed(ADDRESS, { timeout: 60_000 });
  served = await overFewConnections(Number(port));
  browser = await launch(engine);
  const page = await browser.newPage(`http://localhost:${served.port}/`);
  process.exitCode = (await show(page)) ? 0 : 1;
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await browser?.close();
  served?.close();
  await server.kill();
}
