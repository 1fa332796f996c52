import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import webpack from 'webpack';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** The wasm module becomes a base64 text in the script: addresses relative to an imported script are unreliable. */
const wasmAsText = {
  test: /\.wasm$/,
  type: 'asset/inline',
  generator: { dataUrl: (content) => content.toString('base64') },
};

const { version } = JSON.parse(readFileSync(path('package.json'), 'utf8'));

const shared = {
  mode: 'production',
  target: ['web', 'es2022'],
  devtool: false,
  performance: false,
  module: { rules: [wasmAsText] },
  plugins: [new webpack.DefinePlugin({ PACKAGE_VERSION: JSON.stringify(version) })],
};

const classicScripts = {
  ...shared,
  name: 'classic scripts',
  entry: {
    'background-fetch-polyfill': './src/js/polyfill.js',
    'service-worker': './src/js/service-worker.js',
  },
  output: { path: path('pkg'), filename: '[name].js', iife: true },
};

const modules = {
  ...shared,
  name: 'modules',
  entry: { ponyfill: './src/js/ponyfill.js', 'service-worker': './src/js/service-worker.js' },
  output: { path: path('pkg'), filename: '[name].mjs', module: true, library: { type: 'module' } },
  experiments: { outputModule: true },
};

/** The demo uses the package by its name, as an app does. */
const demo = {
  ...shared,
  name: 'demo',
  entry: { main: './www/main.js', sw: './www/sw.js' },
  output: { path: path('www/dist'), filename: '[name].js', iife: true },
};

export default [classicScripts, modules];
export { demo };
