import { chosenEngines, ensureBrowsers, ENGINES, ensureNpmPackages, ensureWasmToolchain } from './setup.mjs';
import { command } from './suites/command.mjs';
import { e2e, large } from './suites/e2e.mjs';
import { fuzz } from './suites/fuzz.mjs';
import { lint } from './suites/lint.mjs';
import { model } from './suites/model.mjs';
import { types } from './suites/types.mjs';
import { web } from './suites/web.mjs';

const SUITES = { lint, types, model, web, build, e2e, large, fuzz };
const ON_DEMAND = ['large', 'fuzz'];
const ON_PACKAGE = ['e2e', 'large'];
const IN_BROWSERS = ['web', ...ON_PACKAGE];

function build() {
  return command(process.execPath, ['scripts/build.mjs']);
}

/** `[suite] [engine] [filters...]`, each of which may be left out. */
function parse(args) {
  const suite = args[0] in SUITES ? args.shift() : undefined;
  const engine = ENGINES.includes(args[0]) ? args.shift() : undefined;
  if (!suite && args.length > 0) {
    console.error(
      `There is no suite ${args[0]}: ${Object.keys(SUITES).join(', ')}, then an engine: ${ENGINES.join(', ')}`,
    );
    process.exit(2);
  }
  const usual = Object.keys(SUITES).filter((name) => !ON_DEMAND.includes(name));
  const suites = suite === undefined ? usual : ON_PACKAGE.includes(suite) ? ['build', suite] : [suite];
  return { suites, engines: engine ? [engine] : chosenEngines(), filters: args };
}

const { suites, engines, filters } = parse(process.argv.slice(2));

ensureNpmPackages();
ensureWasmToolchain();
if (suites.some((suite) => IN_BROWSERS.includes(suite))) {
  for (const [engine, { reason }] of Object.entries(ensureBrowsers(engines))) {
    if (reason) console.log(`${engine}: ${reason}`);
  }
}

const report = [];
for (const suite of suites) {
  console.log(`\n## ${suite}\n`);
  const begin = performance.now();
  const passed = await SUITES[suite]({ engines, filters });
  const seconds = ((performance.now() - begin) / 1000).toFixed(0);
  report.push(`${suite.padEnd(6)} ${passed ? 'passed' : 'FAILED'} in ${seconds} s`);
  if (!passed) process.exitCode = 1;
}
console.log(`\n${report.join('\n')}`);
