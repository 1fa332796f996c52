import { command } from './command.mjs';

const BROKEN_RULES = [
  'test',
  '--features',
  'broken-rules',
  '--test',
  'engine',
  'broken_rules',
  '--',
  '--nocapture',
];

/** The model and the engine on the host: no browser. Then engines that break a rule each, which have to be found out. */
export async function model({ filters }) {
  const passed = await command('cargo', ['test', '--', ...filters]);
  const areFoundOut = filters.length > 0 || (await command('cargo', BROKEN_RULES));
  return passed && areFoundOut;
}
