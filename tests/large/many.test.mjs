import { forEachEngine } from '../e2e/harness.mjs';
import { fetchMany, fetchManyTimes, storeManyTimes } from '../e2e/many/checks.mjs';

const LONG = { timeout: 600_000 };

forEachEngine('very many', ({ engine, test }) => {
  test('a fetch of 10,000 requests ends with all their bodies', LONG, (context) =>
    fetchMany(context, 10_000),
  );

  test('1,000 fetches at the same time end, each with one event', LONG, (context) =>
    fetchManyTimes(context, 1000),
  );

  if (engine === 'chromium') {
    test('1,000 files go into the cache ten times over', LONG, (context) =>
      storeManyTimes(context, 1000, 10),
    );
  }
});
