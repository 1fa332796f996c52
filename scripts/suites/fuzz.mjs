import { command } from './command.mjs';

/** What takes text, answers and rows from outside. */
const PROPERTIES = ['any_addresses::', 'any_answers::', 'any_headers::', 'any_rows::', 'any_text::'];
const CASES = '1000000';

/** A million cases of every property; PROPTEST_CASES is another number. The profile is told of every overflow. */
export function fuzz({ filters }) {
  const chosen = filters.length > 0 ? filters : PROPERTIES;
  const args = ['test', '--profile', 'fuzz', '--test', 'model', '--', ...chosen];
  return command('cargo', args, { PROPTEST_CASES: process.env.PROPTEST_CASES ?? CASES });
}
