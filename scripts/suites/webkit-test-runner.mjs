import { launch } from '../../tests/browsers/index.mjs';
import { ProcessTree } from '../../tests/browsers/process-tree.mjs';
import { WASM_BINDGEN_TEST_RUNNER } from '../setup/wasm.mjs';

// wasm-bindgen's test runner knows no WebKit but Safari's. Its interactive mode serves the tests to any browser.
const ADDRESS = /available at http:\/\/[\d.]+:(\d+)/;
const TIMEOUT_MS = 120_000;

function textFrom(offset) {
  return document.querySelector('#output').textContent.slice(offset);
}

async function show(page) {
  const deadline = performance.now() + TIMEOUT_MS;
  let shown = '';
  while (!/test result: .*/.test(shown)) {
    if (performance.now() > deadline) throw new Error(`No test result within ${TIMEOUT_MS} ms\n${shown}`);
    // The page replaces "Loading scripts..." by its report.
    const text = await page.waitFor(textFrom, 0);
    if (text.startsWith('Loading')) continue;
    process.stdout.write(text.slice(shown.length));
    shown = text;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  // The summary may still be growing.
  const rest = await page.evaluate(textFrom, shown.length);
  process.stdout.write(`${rest}\n`);
  return /test result: ok/.test(shown + rest);
}

const [engine, ...args] = process.argv.slice(2);
const server = new ProcessTree(WASM_BINDGEN_TEST_RUNNER, args, {
  env: { NO_HEADLESS: '1', WASM_BINDGEN_TEST_ADDRESS: '127.0.0.1:0' },
});
let browser;
try {
  const [, port] = await server.printed(ADDRESS, { timeout: 60_000 });
  browser = await launch(engine);
  const page = await browser.newPage(`http://localhost:${port}/`);
  process.exitCode = (await show(page)) ? 0 : 1;
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await browser?.close();
  await server.kill();
}
