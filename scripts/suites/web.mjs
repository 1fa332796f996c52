import { findBrowser } from '../setup/browsers.mjs';
import { command } from './command.mjs';

const RUNNER = 'CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER';
const TESTS = ['web_page', 'web_service_worker'];

/** What is asked here is the same in normal windows. */
const LEFT_OUT = ['firefox-private'];

/** The adapters, by wasm-bindgen's tests in real pages and service workers. */
export async function web({ engines, filters }) {
  let passed = true;
  const tests = TESTS.flatMap((name) => ['--test', name]);
  for (const engine of engines.filter((each) => !LEFT_OUT.includes(each))) {
    const { available, reason } = findBrowser(engine);
    console.log(`\n# ${engine}${available ? '' : `: ${reason}`}`);
    if (!available) {
      if (process.env.CI) passed = false;
      continue;
    }
    const args = ['test', '--target', 'wasm32-unknown-unknown', '--no-fail-fast', ...tests, '--', ...filters];
    if (!(await command('cargo', args, { [RUNNER]: `node scripts/suites/web-test-runner.mjs ${engine}` })))
      passed = false;
  }
  return passed;
}
