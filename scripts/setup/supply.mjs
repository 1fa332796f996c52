import { findPrograms, outputOf, runQuietly, TOOLS } from './run.mjs';

const VERSION = '0.20.2';

const isRight = (file) => outputOf(file, ['--version'])?.trim() === `cargo-deny ${VERSION}`;

function findCargoDeny() {
  return findPrograms('cargo-deny').find(isRight) ?? null;
}

/** The full path of cargo-deny in just this version, which is compiled where it is missing. */
export function ensureCargoDeny() {
  if (!findCargoDeny()) {
    console.log(`Compiling cargo-deny ${VERSION}, which takes some minutes`);
    runQuietly('cargo', [
      'install',
      'cargo-deny',
      '--version',
      VERSION,
      '--locked',
      '--root',
      TOOLS,
      '--force',
    ]);
  }
  return findCargoDeny();
}
