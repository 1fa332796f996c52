import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../setup/run.mjs';

const MOST = 15;

/** The tests that took longest, from what node's reporter "spec" prints. */
export class Slowest {
  #tests = [];

  /** `output`: of the run of `files` in `engine`, if they need one. */
  add(output, { files, engine = '' }) {
    let suite = '';
    for (const line of output.split('\n')) {
      // Failed tests come once more at the end.
      if (line.includes('failing tests:')) break;
      const [, title] = /^▶ (.*)$/.exec(line) ?? [];
      if (title !== undefined) suite = title;
      const [, name, ms] = /^ *[✔✖] (.*) \((\d+(?:\.\d+)?)ms\)/.exec(line) ?? [];
      // A suite is told again when it ends.
      if (ms === undefined || name === suite) continue;
      this.#tests.push({ name, engine, ms: Number(ms), file: fileOf(suite, files) });
    }
  }

  toString() {
    const tests = this.#tests.toSorted((one, other) => other.ms - one.ms).slice(0, MOST);
    const lines = tests.map(
      ({ name, engine, ms, file }) =>
        `${(ms / 1000).toFixed(1).padStart(7)} s  ${engine.padEnd(15)} ${file}: ${name}`,
    );
    return ['The slowest tests:', ...lines].join('\n');
  }
}

/** Of files that share a process, the one whose tests have this title. */
function fileOf(suite, files) {
  if (files.length === 1) return files[0];
  const call = `forEachEngine('${suite.replace(/, [a-z-]+$/, '')}'`;
  return files.find((file) => readFileSync(join(ROOT, file), 'utf8').includes(call)) ?? suite;
}
