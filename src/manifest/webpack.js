import { join, resolve } from 'node:path';
import { ManifestBuilder } from './manifest-builder.js';
import { serializeManifest } from './serialize-manifest.js';

const NAME = 'BackgroundFetchManifestPlugin';

/** webpack's classes are those of the compiler that calls: nothing of webpack is imported. */
export class BackgroundFetchManifestPlugin {
  #options;

  /** @param {import('../types/manifest-webpack.js').BackgroundFetchManifestPluginOptions} options */
  constructor(options) {
    this.#options = options;
    // What is wrong with them is told where they are written.
    this.#builderOf('');
  }

  /** @param {import('webpack').Compiler} compiler */
  apply(compiler) {
    const { out = 'background-fetch-manifest.json' } = this.#options;
    const { Compilation } = compiler.webpack;
    const stage = Compilation.PROCESS_ASSETS_STAGE_ADDITIONAL;
    /** @type {ManifestBuilder | undefined} */
    let builder;
    compiler.hooks.thisCompilation.tap(NAME, (compilation) => {
      // Before there is a compilation nobody knows where its assets go.
      builder ??= this.#builderOf(compiler.context, join(compiler.outputPath, out));
      const current = builder;
      compilation.hooks.processAssets.tapPromise({ name: NAME, stage }, () =>
        emit(compiler, compilation, current, out),
      );
    });
  }

  /**
   * @param {string} context the folder that relative paths begin at
   * @param {string[]} written
   */
  #builderOf(context, ...written) {
    const { folder, leaveOut = [], ...options } = this.#options;
    return new ManifestBuilder({
      ...options,
      folder: folder && resolve(context, folder),
      leaveOut: [...leaveOut, ...written],
    });
  }
}

/**
 * @param {import('webpack').Compiler} compiler
 * @param {import('webpack').Compilation} compilation
 * @param {ManifestBuilder} builder
 * @param {string} out
 */
async function emit(compiler, compilation, builder, out) {
  const { WebpackError, sources } = compiler.webpack;
  compilation.contextDependencies.add(builder.folder);
  try {
    const text = serializeManifest(await builder.build());
    compilation.emitAsset(out, new sources.RawSource(text));
  } catch (error) {
    // To throw it would end a watching compiler.
    compilation.errors.push(new WebpackError(`${NAME}: ${error.message}`));
  }
}
