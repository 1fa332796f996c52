import assert from 'node:assert/strict';
import { after } from 'node:test';
import { forEachEngine } from '../e2e/harness.mjs';
import { LibraryTrial } from './library-trial.mjs';
import { summary } from './summary.mjs';
import { Trial } from './trial.mjs';

/** Few kills, and among them all the moments of kill-moments.mjs. */
const SEEDS = [2, 7, 11, 16, 20, 22, 25, 27, 42, 58];

forEachEngine('kill', ({ engine, persistent, test }) => {
  const skip = persistent ? false : 'a private window forgets everything';
  const outcomes = [];
  for (const seed of SEEDS) {
    test(`a fetch outlives the kills of seed ${seed}`, { timeout: 120_000, skip }, async (context) => {
      const outcome = await new Trial(seed, context).run();
      outcomes.push(outcome);
      assert.ok(outcome.isGood, `${outcome}\n${JSON.stringify(outcome.state)}`);
    });
  }
  test('the storage manager outlives kills', { timeout: 180_000, skip }, async (context) => {
    const trial = await new LibraryTrial(1, context).run();
    assert.ok(trial.isGood, String(trial));
  });
  test('the browser itself deletes at most one database', { skip }, async () => {
    const deleted = outcomes.filter((outcome) => outcome.deleted);
    assert.ok(deleted.length <= 1, deleted.join('\n'));
  });
  after(() => console.log(outcomes.length > 0 ? summary(engine, outcomes) : `${engine}: no trials`));
});
