import { pathToFileURL } from 'node:url';
import { ensureBrowsers } from './setup/browsers.mjs';
import { ensureLintTools } from './setup/lint.mjs';
import { ensureNpmPackages } from './setup/npm.mjs';
import { ensureWasmToolchain } from './setup/wasm.mjs';

// Only Node's own modules here and in setup/: it runs before there are any others.
export { chosenEngines, ensureBrowsers, ENGINES, findBrowser, PERSISTENT } from './setup/browsers.mjs';
export { ensureNpmPackages } from './setup/npm.mjs';
export { ensureWasmToolchain, findWasmBindgen } from './setup/wasm.mjs';

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  ensureNpmPackages();
  ensureWasmToolchain();
  const problem = ensureLintTools();
  if (problem) console.log(`lint: ${problem}`);
  for (const [engine, { reason }] of Object.entries(ensureBrowsers())) {
    if (reason) console.log(`${engine}: ${reason}`);
  }
}
