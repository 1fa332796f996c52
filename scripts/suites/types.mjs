import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../setup/run.mjs';
import { copyTypes } from '../types.mjs';
import { command } from './command.mjs';

const NODE16 = ['node16', 'node16'];
const NODE_NEXT = ['nodenext', 'nodenext'];
const BUNDLER = ['esnext', 'bundler'];
/** The oldest compiler that knows the bundlers' way to resolve, and the current one. */
const COMPILERS = { 'typescript-5.0': [NODE16, BUNDLER], typescript: [NODE_NEXT, BUNDLER] };
const PROJECTS = ['page', 'ponyfill', 'worker', 'page-script', 'worker-script'];
const PROGRAMS = join(ROOT, 'tests/types');

/** The programs find the package where those of its users do, through the "exports" of package.json. */
function linkPackage() {
  const modules = join(PROGRAMS, 'node_modules');
  rmSync(modules, { recursive: true, force: true });
  mkdirSync(modules);
  symlinkSync(ROOT, join(modules, 'background-fetch-polyfill'), 'junction');
}

/** The declarations, with users' programs and with programs that must not compile. Needs no build. */
export async function types() {
  copyTypes();
  linkPackage();
  let passed = true;
  for (const [compiler, resolutions] of Object.entries(COMPILERS)) {
    const tsc = join(ROOT, 'node_modules', compiler, 'bin/tsc');
    for (const [module, resolution] of resolutions) {
      for (const project of PROJECTS) {
        const file = join(PROGRAMS, `tsconfig.${project}.json`);
        const options = ['--project', file, '--module', module, '--moduleResolution', resolution];
        const compiles = await command(process.execPath, [tsc, ...options]);
        console.log(`${compiles ? 'passed' : 'FAILED'}: ${compiler}, ${resolution}, ${project}`);
        if (!compiles) passed = false;
      }
    }
  }
  return passed;
}
