import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';

/** Runs before the app's scripts: globals with names as short as minifiers give, and a list of all that are there. */
const BEFORE = `<script>
self.short = [...'abcdefghijklmnopqrsuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_$'];
for (const name of short) self[name] = "the page's";
self.before = [...Object.getOwnPropertyNames(self), 'before'];
</script>`;

function html(...scripts) {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>A sample</title><link rel="icon" href="data:,">${BEFORE}</head>
<body>${scripts.join('')}</body>
</html>
`;
}

function module(path) {
  return `<script type="module" src="${path}"></script>`;
}

function script(path) {
  return `<script src="${path}"></script>`;
}

/** What Vite takes for the entries of a build, and `vite` serves while an app is written. */
export async function writePages(project) {
  await writeFile(join(project, 'index.html'), html(module('/page.js'), module('/register-module.js')));
  await writeFile(join(project, 'pwa.html'), html(module('/page.js')));
  await mkdir(join(project, 'public'));
  await writeFile(join(project, 'public/one.bin'), Buffer.alloc(1000));
}

/** How apps are built, each tool with the minifier that it comes with: `build(project, output)`. */
export const SAMPLES = {
  'webpack 5': buildWithWebpack,
  Vite: (project, output) =>
    buildWithVite(project, output, {
      input: [join(project, 'index.html'), join(project, 'sw.js')],
      output: { entryFileNames: '[name].js' },
    }),
  esbuild: buildWithEsbuild,
  'vite-plugin-pwa': (project, output) => buildWithPwa(project, output, {}),
  'vite-plugin-pwa, not minified': (project, output) => buildWithPwa(project, output, { minify: false }),
};

async function buildWithWebpack(project, output) {
  const { default: webpack } = await import('webpack');
  const compiler = webpack({
    mode: 'production',
    context: project,
    entry: { page: './page.js', register: './register-url.js' },
    output: { path: output, publicPath: '/' },
    performance: false,
  });
  const stats = await promisify(compiler.run.bind(compiler))();
  await promisify(compiler.close.bind(compiler))();
  if (stats.hasErrors() || stats.hasWarnings()) throw new Error(stats.toString());
  await writeFile(join(output, 'index.html'), html(script('/page.js'), script('/register.js')));
}

async function buildWithEsbuild(project, output) {
  const { build } = await import('esbuild');
  const entryPoints = ['page.js', 'register-classic.js', 'sw.js'].map((name) => join(project, name));
  await build({ entryPoints, bundle: true, minify: true, outdir: output, logLevel: 'warning' });
  await writeFile(join(output, 'index.html'), html(script('/page.js'), script('/register-classic.js')));
}

async function buildWithVite(project, output, rolldownOptions, plugins = []) {
  const { build } = await import('vite');
  await build({
    root: project,
    configFile: false,
    logLevel: 'error',
    plugins,
    build: { outDir: output, rolldownOptions },
  });
}

/** The plugin registers the worker itself: a module is what it builds, a classic script is what it registers. */
async function buildWithPwa(project, output, injectManifest) {
  const { VitePWA } = await import('vite-plugin-pwa');
  const plugin = VitePWA({ strategies: 'injectManifest', srcDir: '.', filename: 'sw.js', injectManifest });
  await buildWithVite(project, output, { input: join(project, 'pwa.html') }, [plugin]);
  await rename(join(output, 'pwa.html'), join(output, 'index.html'));
}

/** Serves the project as `vite` does while an app is written. */
export async function startVite(project) {
  const { createServer } = await import('vite');
  const cacheDir = `${project}-vite-${process.pid}`;
  const server = await createServer({
    root: project,
    cacheDir,
    configFile: false,
    logLevel: 'error',
    server: { host: '127.0.0.1' },
    // Or it reloads the page when it comes to the worker, which no script of the page's imports.
    optimizeDeps: { include: ['background-fetch-polyfill', 'background-fetch-polyfill/service-worker'] },
  });
  await server.listen();
  const close = async () => {
    await server.close();
    await rm(cacheDir, { recursive: true, force: true });
  };
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.httpServer.address());
  return { url: `http://localhost:${port}/`, close };
}
