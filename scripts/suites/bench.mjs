import { findBrowser, PERSISTENT } from '../setup/browsers.mjs';
import { command } from './command.mjs';

/** The package against what is written by hand, with limits that only a large loss exceeds. */
export async function bench({ engines }) {
  let passed = true;
  for (const engine of engines.filter((each) => PERSISTENT.includes(each))) {
    const { available, reason } = findBrowser(engine);
    if (!available) {
      console.log(`${engine}: ${reason}`);
      if (process.env.CI) passed = false;
      continue;
    }
    const args = ['bench/bench.mjs', '--quick', '--engine', engine];
    if (!(await command(process.execPath, args))) passed = false;
  }
  return passed;
}
