/** `node build.mjs DIRECTORY`: installs the packed package into a project, and builds that with each tool. */
import { execFile } from 'node:child_process';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { ROOT } from '../../../scripts/setup/run.mjs';
import { SAMPLES, writePages } from './tools.mjs';

const directory = process.argv[2];
const project = join(directory, 'project');
const run = promisify(execFile);

await cp(join(ROOT, 'tests/e2e/builds/app'), project, { recursive: true });
const packed = await run('npm', ['pack', '--json', '--pack-destination', directory], { cwd: ROOT });
const [{ filename }] = JSON.parse(packed.stdout);
// It has no dependencies: nothing is asked of a registry.
const install = ['install', '--offline', '--no-save', '--no-package-lock', '--no-audit', '--no-fund'];
await run('npm', [...install, join(directory, filename)], { cwd: project });
await writePages(project);
for (const [name, build] of Object.entries(SAMPLES)) {
  const output = join(directory, name);
  await mkdir(output);
  await build(project, output);
}
