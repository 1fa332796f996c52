import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { readdir, readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { build, createServer } from 'vite';
import webpack from 'webpack';
import { buildManifest, serializeManifest } from '../../src/manifest/index.js';
import * as viteModule from '../../src/manifest/vite.js';
import * as webpackModule from '../../src/manifest/webpack.js';
import { makeFolder, urlsOf, writeFiles } from './folders.mjs';

// What is there is what the declarations promise.
/** @type {typeof import('../../src/types/manifest-vite.js')} */
const { backgroundFetchManifest } = viteModule;
/** @type {typeof import('../../src/types/manifest-webpack.js')} */
const { BackgroundFetchManifestPlugin } = webpackModule;

const PROJECT = {
  'index.html': '<!doctype html><script type="module" src="/main.js"></script>',
  'main.js': 'console.log(1);',
  'public/media/a/one.txt': 'one',
  'public/media/b/two.txt': 'two',
};
const MEDIA = { folder: 'public/media', baseUrl: '/media/' };
const DEFAULT_OUT = 'background-fetch-manifest.json';

const expectedOf = async (project) =>
  serializeManifest(await buildManifest({ ...MEDIA, folder: join(project, MEDIA.folder) }));

function webpackConfig(project, options) {
  return {
    mode: /** @type {const} */ ('production'),
    context: project,
    entry: './main.js',
    output: { path: join(project, 'dist') },
    plugins: [new BackgroundFetchManifestPlugin({ ...MEDIA, ...options })],
  };
}

async function runWebpack(project, options = {}) {
  const compiler = webpack(webpackConfig(project, options));
  const stats = await promisify(compiler.run.bind(compiler))();
  await promisify(compiler.close.bind(compiler))();
  return stats;
}

test('webpack emits the manifest', async (t) => {
  const project = await makeFolder(t, PROJECT);
  const stats = await runWebpack(project);
  assert.equal(stats.hasErrors(), false, `${stats}`);
  assert.equal(await readFile(join(project, 'dist', DEFAULT_OUT), 'utf8'), await expectedOf(project));
  assert.ok(DEFAULT_OUT in stats.compilation.assets);
});

test('webpack emits it under the name that is asked for, and does not list what it has written', async (t) => {
  const project = await makeFolder(t, PROJECT);
  const options = { folder: '.', baseUrl: '/', include: ['{main.js,dist/**}'], out: 'deep/list.json' };
  for (const leaveOut of [[], [join(project, 'dist/main.js')]]) {
    assert.equal((await runWebpack(project, { ...options, leaveOut })).hasErrors(), false);
    await rm(join(project, 'dist/main.js'));
    const text = await readFile(join(project, 'dist/deep/list.json'), 'utf8');
    assert.deepEqual(urlsOf(JSON.parse(text)), { '.': ['/main.js'] });
  }
});

test('webpack tells what is wrong as an error of the compilation', async (t) => {
  const project = await makeFolder(t, PROJECT);
  await symlink('/', join(project, 'public/media/link'));
  const stats = await runWebpack(project);
  assert.deepEqual(
    stats.compilation.errors.map(({ message }) => message),
    ['BackgroundFetchManifestPlugin: A symbolic link leads out of the folder: link'],
  );
  assert.equal(DEFAULT_OUT in stats.compilation.assets, false);
  const wrong = { folder: '' };
  assert.throws(() => new BackgroundFetchManifestPlugin(wrong), { message: 'folder: expected a path' });
});

// Nothing else ends the wait for a compilation that does not come.
test('webpack makes it anew while it watches, also after an error', { timeout: 120_000 }, async (t) => {
  const project = await makeFolder(t, PROJECT);
  const compiler = webpack(webpackConfig(project, {}));
  const compilations = [];
  const done = new EventEmitter();
  const watching = compiler.watch({ aggregateTimeout: 20 }, (error, stats) => {
    compilations.push({ error, stats });
    done.emit('compilation');
  });
  t.after(() => promisify(watching.close.bind(watching))());
  const out = join(project, 'dist', DEFAULT_OUT);
  const until = async (isThere) => {
    for (;;) {
      const next = once(done, 'compilation');
      if (await isThere()) return;
      await next;
    }
  };
  const shows = (url) => async () => (await readFile(out, 'utf8').catch(() => '')).includes(url);
  await until(shows('/media/b/two.txt'));
  await writeFiles(project, { 'public/media/c/deep/three.txt': 'three' }, new Date());
  await until(shows('/media/c/deep/three.txt'));
  await symlink('/', join(project, 'public/media/link'));
  await until(async () => compilations.at(-1).stats.hasErrors());
  await rm(join(project, 'public/media/link'));
  await writeFiles(project, { 'public/media/four.txt': 'four' }, new Date());
  await until(shows('/media/four.txt'));
  assert.equal(await readFile(out, 'utf8'), await expectedOf(project));
  assert.equal(
    compilations.every(({ error }) => !error),
    true,
  );
});

/** @returns {import('vite').InlineConfig} */
function viteConfig(project, options) {
  return {
    root: project,
    configFile: false,
    logLevel: 'silent',
    plugins: [backgroundFetchManifest({ ...MEDIA, ...options })],
    server: { host: '127.0.0.1', port: 0, watch: null, ws: false },
  };
}

test('Vite writes the manifest when it builds', async (t) => {
  const project = await makeFolder(t, PROJECT);
  const expected = await expectedOf(project);
  await build(viteConfig(project, {}));
  assert.equal(await readFile(join(project, 'dist', DEFAULT_OUT), 'utf8'), expected);
  // It is true of what Vite has copied.
  const served = await buildManifest({ folder: join(project, 'dist/media'), baseUrl: '/media/' });
  assert.equal(serializeManifest(served), expected);
  await build(viteConfig(project, { out: 'deep/list.json' }));
  assert.equal(await readFile(join(project, 'dist/deep/list.json'), 'utf8'), expected);
});

test('Vite writes no manifest into what it builds for a server', async (t) => {
  const project = await makeFolder(t, PROJECT);
  await build({ ...viteConfig(project, {}), build: { ssr: 'main.js' } });
  const names = await readdir(join(project, 'dist'));
  assert.match(`${names.filter((name) => name !== 'media')}`, /^main\.\w+$/);
});

test('a build by Vite fails where there is no manifest', async (t) => {
  const project = await makeFolder(t, PROJECT);
  await symlink('/', join(project, 'public/media/link'));
  const copied = { ...viteConfig(project, {}), publicDir: false };
  await assert.rejects(build(/** @type {import('vite').InlineConfig} */ (copied)), {
    message: /A symbolic link leads out of the folder: link/,
  });
  const wrong = { folder: '' };
  assert.throws(() => backgroundFetchManifest(wrong), { message: 'folder: expected a path' });
});

async function startVite(t, config) {
  const server = await createServer(config);
  t.after(() => server.close());
  await server.listen();
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.httpServer.address());
  return (path) => fetch(`http://127.0.0.1:${port}${path}`);
}

test('Vite serves the manifest in development as the folder is then', async (t) => {
  const project = await makeFolder(t, PROJECT);
  const ask = await startVite(t, viteConfig(project, {}));
  const response = await ask(`/${DEFAULT_OUT}?query`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'application/json');
  assert.equal(response.headers.get('cache-control'), 'no-cache');
  assert.equal(await response.text(), await expectedOf(project));

  await writeFiles(project, { 'public/media/c/three.txt': 'three' });
  const { sets } = await (await ask(`/${DEFAULT_OUT}`)).json();
  assert.deepEqual(
    sets.map(({ id }) => id),
    ['a', 'b', 'c'],
  );
  const [one] = sets[0].files;
  assert.equal(await (await ask(one.url)).text(), 'one');
  assert.match(await (await ask('/main.js')).text(), /console\.log/);

  await symlink('/', join(project, 'public/media/link'));
  assert.equal((await ask(`/${DEFAULT_OUT}`)).status, 500);
  await rm(join(project, 'public/media/link'));
  assert.equal((await ask(`/${DEFAULT_OUT}`)).status, 200);
});

test('Vite serves it below its base', async (t) => {
  const project = await makeFolder(t, PROJECT);
  const config = { ...viteConfig(project, { out: 'my list.json' }), base: '/app/' };
  const ask = await startVite(t, config);
  assert.equal(await (await ask('/app/my%20list.json')).text(), await expectedOf(project));
  assert.notEqual(await (await ask('/my%20list.json')).text(), await expectedOf(project));
});
