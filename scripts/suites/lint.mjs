import { join } from 'node:path';
import { ensureLintTools } from '../setup/lint.mjs';
import { ROOT } from '../setup/run.mjs';
import { command } from './command.mjs';

const CODE = '{*.mjs,*.js,{bench,scripts,src,tests,www}/**/*.{js,mjs,ts}}';

/** For wasm, where every layer is. */
const DOC = [
  'doc',
  '--quiet',
  '--no-deps',
  '--lib',
  '--document-private-items',
  '--target',
  'wasm32-unknown-unknown',
];

const program = (path) => join(ROOT, 'node_modules', path);

/** Formatting, clippy's lints for the host and for wasm, rustdoc's and ESLint's. */
export async function lint() {
  // The rest is run all the same: each tool that is there has something to say.
  const problem = ensureLintTools();
  if (problem) console.error(problem);
  const clippy = ['clippy', '--quiet', '--all-targets'];
  const warnings = ['--', '-D', 'warnings'];
  const results = [
    await command('cargo', ['fmt', '--check']),
    await command('cargo', [...clippy, ...warnings]),
    await command('cargo', [...clippy, '--target', 'wasm32-unknown-unknown', ...warnings]),
    await command('cargo', DOC, { RUSTDOCFLAGS: '-D warnings' }),
    await command(process.execPath, [program('prettier/bin/prettier.cjs'), '--check', CODE]),
    await command(process.execPath, [program('eslint/bin/eslint.js'), '.']),
  ];
  return !problem && results.every(Boolean);
}
