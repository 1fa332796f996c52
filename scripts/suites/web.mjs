import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findBrowser } from '../setup/browsers.mjs';
import { ROOT } from '../setup/run.mjs';
import { findWasmBindgen } from '../setup/wasm.mjs';
import { command } from './command.mjs';

const RUNNER = 'CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER';
const TESTS = ['web_page', 'web_service_worker'];

// The runner takes the first of these that is set, whatever the others say.
const NO_DRIVERS = {
  CHROMEDRIVER: undefined,
  GECKODRIVER: undefined,
  MSEDGEDRIVER: undefined,
  SAFARIDRIVER: undefined,
};

/** webdriver.json with the browser's path in it, which the drivers cannot always guess. */
function withBinary(options, binary) {
  const all = JSON.parse(readFileSync(join(ROOT, 'webdriver.json'), 'utf8'));
  const file = join(ROOT, 'target', `webdriver-${options.split(':')[0]}.json`);
  mkdirSync(join(ROOT, 'target'), { recursive: true });
  writeFileSync(file, JSON.stringify({ [options]: { ...all[options], binary } }));
  return file;
}

function environmentFor(engine, paths) {
  const { browser, driver } = paths;
  if (engine === 'chromium' || engine === 'firefox') {
    const [variable, options] =
      engine === 'chromium' ? ['CHROMEDRIVER', 'goog:chromeOptions'] : ['GECKODRIVER', 'moz:firefoxOptions'];
    return {
      ...NO_DRIVERS,
      [RUNNER]: findWasmBindgen('wasm-bindgen-test-runner'),
      [variable]: driver,
      WASM_BINDGEN_TEST_DRIVER_TIMEOUT: '30',
      WASM_BINDGEN_TEST_TIMEOUT: '120',
      WASM_BINDGEN_TEST_WEBDRIVER_JSON: withBinary(options, browser),
    };
  }
  return { [RUNNER]: `node scripts/suites/webkit-test-runner.mjs ${engine}` };
}

/** Its driver is normal Firefox's, and wasm-bindgen's runner gives that no other preferences. */
const LEFT_OUT = ['firefox-private'];

/** The adapters, by wasm-bindgen's tests in real pages and service workers. */
export async function web({ engines, filters }) {
  let passed = true;
  const tests = TESTS.flatMap((name) => ['--test', name]);
  for (const engine of engines.filter((each) => !LEFT_OUT.includes(each))) {
    const { available, reason, paths } = findBrowser(engine);
    console.log(`\n# ${engine}${available ? '' : `: ${reason}`}`);
    if (!available) {
      if (process.env.CI) passed = false;
      continue;
    }
    const args = ['test', '--target', 'wasm32-unknown-unknown', '--no-fail-fast', ...tests, '--', ...filters];
    if (!(await command('cargo', args, environmentFor(engine, paths)))) passed = false;
  }
  return passed;
}
