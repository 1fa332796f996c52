import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './setup/run.mjs';

const NAMES = readdirSync(join(ROOT, 'src/types'));

/** What copyTypes() makes. */
export const DECLARATIONS = NAMES.map((name) => `pkg/${name}`);

/** Copies the declarations beside the package's scripts, which need not be there. */
export function copyTypes() {
  mkdirSync(join(ROOT, 'pkg'), { recursive: true });
  for (const name of NAMES) copyFileSync(join(ROOT, 'src/types', name), join(ROOT, 'pkg', name));
}
