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
const PROJECTS = ['page', 'ponyfill', 'worker', 'page-script', 'worker-script', 'node'];
/** Our own JavaScript, whose types are in its comments. */
const OWN_CODE = ['src/tsconfig.json', 'src/tsconfig.manifest.json', 'tests/tsconfig.json'];
const PROGRAMS = join(ROOT, 'tests/types');

/** The programs find the package where those of its users do, through the "exports" of package.json. */
function linkPackage() {
  const modules = join(PROGRAMS, 'node_modules');
  rmSync(modules, { recursive: true, force: true });
  mkdirSync(modules);
  symlinkSync(ROOT, join(modules, 'background-fetch-polyfill'), 'junction');
}

async function compiles(compiler, title, ...project) {
  const tsc = join(ROOT, 'node_modules', compiler, 'bin/tsc');
  const succeeded = await command(process.execPath, [tsc, '--project', ...project]);
  console.log(`${succeeded ? 'passed' : 'FAILED'}: ${title}`);
  return succeeded;
}

/**
 * The declarations, with users' programs and with programs that must not compile; then our own JavaScript. Needs no build.
 */
export async function types() {
  copyTypes();
  linkPackage();
  let passed = true;
  for (const [compiler, resolutions] of Object.entries(COMPILERS)) {
    for (const [module, resolution] of resolutions) {
      for (const project of PROJECTS) {
        const file = join(PROGRAMS, `tsconfig.${project}.json`);
        const options = ['--module', module, '--moduleResolution', resolution];
        const title = `${compiler}, ${resolution}, ${project}`;
        if (!(await compiles(compiler, title, file, ...options))) passed = false;
      }
    }
  }
  for (const file of OWN_CODE) {
    if (!(await compiles('typescript', file, join(ROOT, file)))) passed = false;
  }
  return passed;
}
