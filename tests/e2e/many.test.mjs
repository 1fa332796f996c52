import { forEachEngine } from './harness.mjs';
import { fetchMany, fetchManyTimes, matchAmongMany } from './many/checks.mjs';

forEachEngine('many', ({ test }) => {
  test('a fetch of 1,000 requests ends with all their bodies', (context) => fetchMany(context, 1000));

  test('200 fetches at the same time end, each with one event', (context) => fetchManyTimes(context, 200));

  test('one of 2,000 records is found without reading the others', (context) =>
    matchAmongMany(context, 2000));
});
