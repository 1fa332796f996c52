import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { outputOf, ROOT } from '../setup/run.mjs';
import { quietCommand } from './command.mjs';
import { Slowest } from './slowest.mjs';

/**
 * Tests wait for servers that are slow on purpose, so that there may be more than cores. Two for each keep the machine busy
 * without a pause, and then everything is late.
 */
const LANES = Math.min(3, 2 * availableParallelism());
const WITHOUT_BROWSER = ['tests/server/', 'tests/manifest/', 'tests/shelf/', 'tests/storage-manager/'];
const SHARING = 'tests/e2e/';
/**
 * Their tests share a browser where to start one costs as much as two tests. WebKit starts fast, and where it was shared, two
 * tests of one run failed in their first second; why is not known.
 */
const FILES_PER_BROWSER = { firefox: 6, chromium: 6 };
const SEVERAL = 'tests/several.mjs';
/**
 * Private windows differ from normal ones in how things are stored: what is looked at there, as files, or as tests of a file
 * by their names, unless that engine alone is asked for by a filter.
 *
 * @type {Record<string, Record<string, string | null>>}
 */
const ONLY_IN = {
  'webkit-private': {
    'tests/e2e/costs.test.mjs': null,
    'tests/e2e/database.test.mjs': null,
    'tests/e2e/disk-faults.test.mjs': null,
    'tests/e2e/handing-over-in-time.test.mjs': null,
    'tests/e2e/live.test.mjs': null,
    'tests/e2e/main-job.test.mjs': null,
    'tests/e2e/resuming.test.mjs': null,
    'tests/e2e/smoke.test.mjs': null,
    'tests/e2e/transactions.test.mjs': null,
    'tests/e2e/unreadable-bytes.test.mjs': null,
    'tests/e2e/uploading.test.mjs': null,
    'tests/browsers/browsers.test.mjs': null,
  },
  'firefox-private': {
    'tests/e2e/resuming.test.mjs': null,
    'tests/e2e/responses.test.mjs': 'integrity',
    'tests/browsers/browsers.test.mjs': 'stores a Blob',
  },
};
/**
 * Chromium has the API, and hardly anybody forces ours on it. What is left out there is our own logic in front of what every
 * engine does alike; `npm run test:everywhere` runs it there, too.
 *
 * @type {Record<string, string[]>}
 */
const NOT_IN = {
  chromium: [
    'tests/e2e/article.test.mjs',
    'tests/e2e/demo-use.test.mjs',
    'tests/e2e/handing-over.test.mjs',
    'tests/e2e/hostile.test.mjs',
    'tests/e2e/losing-the-network.test.mjs',
    'tests/e2e/many.test.mjs',
    'tests/e2e/matching.test.mjs',
    'tests/e2e/pausing.test.mjs',
    'tests/e2e/registering.test.mjs',
    'tests/e2e/request-attributes.test.mjs',
    'tests/e2e/responses.test.mjs',
    'tests/e2e/uploading.test.mjs',
    'tests/e2e/worker-part.test.mjs',
    'tests/e2e/worker-versions.test.mjs',
  ],
};
/** What is measured against the clock has the machine for itself. */
const ALONE = ['tests/e2e/handing-over-in-time.test.mjs'];
/** What takes longest comes first, so that no lane waits for the other in the end. */
const DIRECTORIES = [
  'tests/kill',
  'tests/e2e',
  'tests/browsers',
  'tests/server',
  'tests/manifest',
  'tests/shelf',
  'tests/storage-manager',
];

function testFiles(directories) {
  return directories.flatMap((directory) =>
    readdirSync(join(ROOT, directory))
      .filter((name) => name.endsWith('.test.mjs'))
      .map((name) => `${directory}/${name}`)
      .sort(),
  );
}

function needsBrowser(file) {
  return !WITHOUT_BROWSER.some((directory) => file.startsWith(directory));
}

/** Node 20 has learned an option of its test runner late: --test-force-exit in 20.14. */
function knownTo(node, options) {
  const help = outputOf(node, ['--help']) ?? '';
  return options.filter((option) => help.includes(option));
}

/** Files that are run in one process, of those that share a browser at most so many. */
function groupsOf(files, most) {
  const groups = [];
  for (const file of files) {
    const last = groups.at(-1);
    const isShared = file.startsWith(SHARING) && last?.[0].startsWith(SHARING);
    if (isShared && last.length < most) last.push(file);
    else groups.push([file]);
  }
  return groups;
}

/** Each group in each engine is a run of its own; one engine after the other, so that two runs seldom use the same. */
function runsOf(files, engines, { only, not }) {
  const runOf = (group, engine) => ({
    group,
    engine,
    env: { TEST_FILES: group.join(' '), ENGINES: engine },
    pattern: only[engine]?.[group[0]],
  });
  const inBrowsers = files.filter(needsBrowser);
  const queues = engines.map((engine) => {
    const these = inBrowsers.filter(
      (file) => (!only[engine] || file in only[engine]) && !not[engine]?.includes(file),
    );
    return groupsOf(these, FILES_PER_BROWSER[engine] ?? 1).map((group) => runOf(group, engine));
  });
  const rounds = Math.max(...queues.map((queue) => queue.length));
  const inTurn = Array.from({ length: rounds }, (_, round) => queues.map((queue) => queue[round]));
  const others = files.filter((file) => !needsBrowser(file)).map((file) => runOf([file]));
  return [...inTurn.flat().filter(Boolean), ...others];
}

/** What node's test runner says at the end, added up. */
class Totals {
  #counts = new Map([
    ['tests', 0],
    ['pass', 0],
    ['fail', 0],
    ['cancelled', 0],
    ['skipped', 0],
    ['todo', 0],
  ]);

  add(output) {
    for (const [name, count] of this.#counts) {
      const last = output.match(new RegExp(`^ℹ ${name} (\\d+)$`, 'm'));
      this.#counts.set(name, count + Number(last?.[1] ?? 0));
    }
  }

  count(name) {
    return this.#counts.get(name);
  }

  toString() {
    return [...this.#counts].map(([name, count]) => `${name} ${count}`).join(', ');
  }
}

/** What node's test runner says of the tests that failed, the beginning of it. */
function reasons(output) {
  const MOST_LINES = 40;
  const begin = output.indexOf('✖ failing tests:');
  return begin < 0 ? '' : `\n${output.slice(begin).split('\n').slice(1, MOST_LINES).join('\n')}`;
}

/**
 * The built package in the browsers. A filter that is part of a file's path picks files, any other is a pattern for the
 * tests' names.
 */
export async function e2e({ engines, filters, directories = DIRECTORIES }) {
  const all = testFiles(directories);
  const chosen = all.filter((file) => filters.some((filter) => file.includes(filter)));
  const patterns = filters.filter((filter) => !all.some((file) => file.includes(filter)));
  const late = knownTo(process.execPath, ['--test-force-exit']);
  const options = ['--test', '--test-reporter=spec', ...late];
  const files = chosen.length > 0 ? chosen : all;
  const isEverywhere = process.env.EVERYWHERE || (engines.length === 1 && filters.length > 0);
  const choice = isEverywhere ? { only: {}, not: {} } : { only: ONLY_IN, not: NOT_IN };
  const totals = new Totals();
  const slowest = new Slowest();
  const failed = [];
  const lane = async (waiting) => {
    for (let run = waiting.shift(); run; run = waiting.shift()) {
      const begin = performance.now();
      const names = (patterns.length > 0 ? patterns : [run.pattern].filter(Boolean)).map(
        (pattern) => `--test-name-pattern=${pattern}`,
      );
      const args = [...options, ...names, SEVERAL];
      const { succeeded, output } = await quietCommand(process.execPath, args, run.env);
      const title = [...run.group, run.engine].filter(Boolean).join(', ');
      console.log(`# ${title}, ${((performance.now() - begin) / 1000).toFixed(0)} s\n${output}`);
      totals.add(output);
      slowest.add(output, { files: run.group, engine: run.engine });
      if (run.pattern && /^ℹ pass 0$/m.test(output))
        failed.push(`FAILED: ${title}: no test is named ${run.pattern}`);
      if (!succeeded) failed.push(`FAILED: ${title}${reasons(output)}`);
    }
  };
  const shared = runsOf(
    files.filter((file) => !ALONE.includes(file)),
    engines,
    choice,
  );
  await Promise.all(Array.from({ length: LANES }, () => lane(shared)));
  const alone = files.filter((file) => ALONE.includes(file));
  await lane(runsOf(alone, engines, choice));
  if (totals.count('tests') === 0) failed.push('FAILED: no test was run');
  // Once more: who looks for them looks at the end.
  console.log([`${slowest}`, `${totals}`, ...failed].join('\n'));
  return failed.length === 0;
}

/** What takes minutes and gigabytes, and is asked for by name only. */
export function large(options) {
  return e2e({ ...options, directories: ['tests/large'] });
}
