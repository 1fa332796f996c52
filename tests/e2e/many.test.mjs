import { forEachEngine } from './harness.mjs';
import { fetchMany, fetchManyTimes } from './many/checks.mjs';

forEachEngine('many', ({ test }) => {
  test('a fetch of 1,000 requests ends with all their bodies', (context) => fetchMany(context, 1000));

  test('200 fetches at the same time end, each with one event', (context) => fetchManyTimes(context, 200));
});
