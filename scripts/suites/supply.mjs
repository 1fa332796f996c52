import { ensureCargoDeny } from '../setup/supply.mjs';
import { command, quietCommand } from './command.mjs';

const UNREACHABLE = 'failed to fetch advisory database';

/** Licenses, sources and versions of the crates, by deny.toml; and what is known against them, where that can be looked up. */
export async function supply() {
  const deny = ensureCargoDeny();
  const inOrder = await command(deny, ['check', 'bans', 'licenses', 'sources']);
  const { succeeded, output } = await quietCommand(deny, ['check', 'advisories']);
  const isKnown = succeeded || !output.includes(UNREACHABLE);
  console.log(isKnown ? output : 'advisories not looked at: their database cannot be reached');
  return inOrder && (succeeded || !isKnown);
}
