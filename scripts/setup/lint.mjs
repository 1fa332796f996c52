import { findProgram, outputOf, runQuietly } from './run.mjs';

const COMPONENTS = { rustfmt: ['fmt', '--version'], clippy: ['clippy', '--version'] };

function missingComponents() {
  return Object.keys(COMPONENTS).filter((name) => outputOf('cargo', COMPONENTS[name]) === null);
}

/** Adds rustfmt and clippy, which rustup's minimal profile leaves out; gives what is wrong after that, or null. */
export function ensureLintTools() {
  let missing = missingComponents();
  if (missing.length === 0) return null;
  if (!findProgram('rustup')) return `${missing.join(' and ')} missing, and no rustup there to add them`;
  console.log(`Adding Rust's components ${missing.join(' and ')}`);
  try {
    runQuietly('rustup', ['component', 'add', ...missing]);
  } catch (error) {
    return `${missing.join(' and ')} missing: ${error.message}`;
  }
  missing = missingComponents();
  return missing.length > 0 ? `${missing.join(' and ')} cannot be run` : null;
}
