import { command } from './command.mjs';

/** The model and the engine on the host: no browser. */
export function model({ filters }) {
  return command('cargo', ['test', '--', ...filters]);
}
