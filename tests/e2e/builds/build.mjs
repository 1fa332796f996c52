/** `node build.mjs DIRECTORY`: installs the packed package into a project, and builds that with each tool. */
import { execFile } from 'node:child_process';
import { cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { ROOT } from '../../../scripts/setup/run.mjs';
import { SAMPLES, writePages } from './tools.mjs';

const directory = process.argv[2];
const project = join(directory, 'project');
const run = promisify(execFile);

await cp(join(ROOT, 'tests/e2e/builds/app'), project, { recursive: true });
const { dependencies } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
const folders = ['.', ...Object.keys(dependencies).map((name) => `./node_modules/${name}`)];
const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', directory];
const packed = await run('npm', [...pack, ...folders], { cwd: ROOT });
const tarballs = JSON.parse(packed.stdout).map(({ filename }) => join(directory, filename));
// Its dependencies come from here, too: nothing is asked of a registry.
const install = ['install', '--offline', '--no-save', '--no-package-lock', '--no-audit', '--no-fund'];
await run('npm', [...install, ...tarballs], { cwd: project });
await writePages(project);
for (const [name, build] of Object.entries(SAMPLES)) {
  const output = join(directory, name);
  await mkdir(output);
  await build(project, output);
}
