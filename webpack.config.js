import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import webpack from 'webpack';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

const { version } = JSON.parse(readFileSync(path('package.json'), 'utf8'));
const engine = readFileSync(path('target/wasm/background_fetch_polyfill_bg.wasm'));

const shared = {
  mode: 'production',
  target: ['web', 'es2022'],
  devtool: false,
  performance: false,
  plugins: [
    new webpack.DefinePlugin({
      PACKAGE_VERSION: JSON.stringify(version),
      ENGINE_SHA256: JSON.stringify(createHash('sha256').update(engine).digest('base64')),
    }),
  ],
};

/** Where a script has the engine from, a module of src/js/engine-file, and what wasm-bindgen has made for it. */
const engineFrom = (name) => ({
  alias: {
    'engine-file': path(`src/js/engine-file/${name}.js`),
    'engine-glue': path('target/wasm/background_fetch_polyfill.js'),
  },
});

const classicScripts = (name, suffix) => ({
  ...shared,
  name: `classic scripts ${suffix}`,
  entry: {
    [`background-fetch-polyfill${suffix}`]: './src/js/polyfill.js',
    [`service-worker${suffix}`]: './src/js/service-worker.js',
  },
  resolve: engineFrom(name),
  output: { path: path('pkg'), filename: '[name].js', iife: true },
});

const modules = (name, entries) => ({
  ...shared,
  name: `modules ${Object.keys(entries)}`,
  entry: Object.fromEntries(Object.entries(entries).map(([file, source]) => [file, `./src/js/${source}.js`])),
  resolve: engineFrom(name),
  // The address of the engine's file is for the app's bundler.
  module: { parser: { javascript: { url: false, importMeta: false } } },
  output: { path: path('pkg'), filename: '[name].mjs', module: true, library: { type: 'module' } },
  experiments: { outputModule: true },
});

/** The shelf needs no engine. */
const shelf = [
  {
    ...modules('beside-module', {}),
    name: 'shelf, module',
    entry: { shelf: './src/shelf/index.js' },
  },
  {
    ...classicScripts('beside-script', ''),
    name: 'shelf, script',
    entry: { shelf: './src/shelf/script.js' },
  },
];

/** Nor does the storage manager. */
const storageManager = [
  {
    ...modules('beside-module', {}),
    name: 'storage manager, modules',
    entry: {
      'storage-manager': './src/storage-manager/client.js',
      'storage-manager-worker': './src/storage-manager/worker.js',
      'storage-manager-workbox': './src/storage-manager/workbox.js',
    },
  },
  {
    ...modules('beside-module', {}),
    name: 'storage manager, list',
    entry: { 'storage-manager-list': './src/storage-manager-list/index.js' },
    // The page has it, too: there is one class, and its bytes come once.
    externals: { '../storage-manager/client.js': 'module ./storage-manager.mjs' },
  },
  {
    ...classicScripts('beside-script', ''),
    name: 'storage manager, scripts',
    entry: {
      'storage-manager-worker': './src/storage-manager/worker-script.js',
      'storage-manager-list': './src/storage-manager-list/script.js',
    },
  },
];

/** The demo uses the package by its name, as an app does. */
const demo = {
  ...shared,
  name: 'demo',
  entry: { main: './www/main.js', sw: './www/sw.js' },
  output: { path: path('www/dist'), filename: '[name].js', iife: true },
};

export default [
  classicScripts('beside-script', ''),
  classicScripts('inline', '.inline'),
  modules('beside-module', { ponyfill: 'ponyfill', 'service-worker.webpack': 'service-worker' }),
  // vite-plugin-pwa loads the worker as a classic script, in which the words import.meta are an error.
  modules('beside-script', { 'service-worker': 'service-worker' }),
  ...shelf,
  ...storageManager,
  modules('inline', { 'ponyfill.inline': 'ponyfill', 'service-worker.inline': 'service-worker' }),
];
export { demo };
