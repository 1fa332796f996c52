import { findProgram, runQuietly, TOOLS } from '../setup/run.mjs';
import { command } from './command.mjs';

const VERSION = '27.1.0';

/**
 * Changes the model, or the files that are named, in one place after the other, and runs its tests on each:
 * .cargo/mutants.toml. What they do not find out is told as MISSED.
 */
export async function mutants({ filters }) {
  if (!findProgram('cargo-mutants')) {
    console.log(`Compiling cargo-mutants ${VERSION}, which takes some minutes`);
    runQuietly('cargo', ['install', 'cargo-mutants', '--version', VERSION, '--locked', '--root', TOOLS]);
  }
  const chosen = filters.length > 0 ? filters : ['src/model/**'];
  const files = chosen.flatMap((file) => ['--file', file]);
  const output = ['--output', 'target'];
  // The tests that are not left to chance have to do it.
  const env = { PROPTEST_CASES: process.env.PROPTEST_CASES ?? '40' };
  return command(findProgram('cargo-mutants'), ['mutants', ...output, ...files], env);
}
