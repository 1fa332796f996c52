import { chosenEngines, ensureBrowsers, ENGINES, ensureNpmPackages, ensureWasmToolchain } from './setup.mjs';
import { bench } from './suites/bench.mjs';
import { command, quietCommand } from './suites/command.mjs';
import { e2e, large } from './suites/e2e.mjs';
import { fuzz } from './suites/fuzz.mjs';
import { lint } from './suites/lint.mjs';
import { model } from './suites/model.mjs';
import { mutants } from './suites/mutants.mjs';
import { supply } from './suites/supply.mjs';
import { sizes } from './sizes.mjs';
import { types } from './suites/types.mjs';
import { web } from './suites/web.mjs';

const SUITES = { lint, types, model, web, build, sizes, e2e, bench, large, fuzz, mutants, supply };
/** Those in one line are run side by side: none of them keeps two cores busy by itself. */
const USUAL = [['lint', 'types'], ['model', 'web'], ['build'], ['sizes'], ['e2e'], ['bench']];
const ON_PACKAGE = ['sizes', 'e2e', 'bench', 'large'];
const IN_BROWSERS = ['web', 'e2e', 'bench', 'large'];

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
  const one = ON_PACKAGE.includes(suite) ? [['build'], [suite]] : [[suite]];
  return {
    lines: suite === undefined ? USUAL : one,
    engines: engine ? [engine] : chosenEngines(),
    filters: args,
  };
}

const { lines, engines, filters } = parse(process.argv.slice(2));

ensureNpmPackages();
ensureWasmToolchain();
if (lines.flat().some((suite) => IN_BROWSERS.includes(suite))) {
  for (const [engine, { reason }] of Object.entries(ensureBrowsers(engines))) {
    if (reason) console.log(`${engine}: ${reason}`);
  }
}

const report = [];

function tell(suite, passed, begin) {
  const seconds = ((performance.now() - begin) / 1000).toFixed(0);
  report.push(`${suite.padEnd(6)} ${passed ? 'passed' : 'FAILED'} in ${seconds} s`);
  if (!passed) process.exitCode = 1;
}

/** In a process of its own, whose output is shown when it is through. */
async function runApart(suite) {
  const begin = performance.now();
  const args = ['scripts/test.mjs', suite];
  const { succeeded, output } = await quietCommand(process.execPath, args, { ENGINES: engines.join(',') });
  console.log(output);
  tell(suite, succeeded, begin);
}

for (const line of lines) {
  if (line.length > 1) {
    await Promise.all(line.map(runApart));
  } else {
    const [suite] = line;
    console.log(`\n## ${suite}\n`);
    const begin = performance.now();
    tell(suite, await SUITES[suite]({ engines, filters }), begin);
  }
}
console.log(`\n${report.join('\n')}`);
