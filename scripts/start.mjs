/** `npm start`: fetches what is missing, builds what has changed, serves the demo. Runs before npm's packages are there. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

async function build() {
  const script = fileURLToPath(new URL('./build.mjs', import.meta.url));
  const [code] = await once(spawn(process.execPath, [script], { stdio: 'inherit' }), 'exit');
  if (code !== 0) {
    console.error('The build failed; what it says is above.');
    process.exit(1);
  }
}

const { ensureNpmPackages, ensureWasmToolchain } = await import('./setup.mjs');
await ensureNpmPackages();
await ensureWasmToolchain();
await build();

const { makeAssets } = await import('../www/art/make-assets.mjs');
await makeAssets({ log: console.log });

const { serveForPerson } = await import('./serve.mjs');
await serveForPerson();
