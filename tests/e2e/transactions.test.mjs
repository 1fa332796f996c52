import assert from 'node:assert/strict';
import { assertNothingLeft, openApp, reportOf } from './app.mjs';
import { forEachEngine } from './harness.mjs';

/** Notes the transactions that write, and those that were begun while another, of different stores, was open. */
const WATCH = `<script>
window.writing = { begun: 0, open: new Set(), overlapping: [] };
const { transaction } = IDBDatabase.prototype;
IDBDatabase.prototype.transaction = function (stores, mode, ...rest) {
  const begun = transaction.call(this, stores, mode, ...rest);
  if (mode !== 'readwrite') return begun;
  writing.begun += 1;
  const names = [...begun.objectStoreNames];
  for (const other of writing.open) {
    if (!names.some((name) => other.includes(name))) writing.overlapping.push([other, names]);
  }
  writing.open.add(names);
  for (const end of ['complete', 'abort']) begun.addEventListener(end, () => writing.open.delete(names));
  return begun;
};
</script>`;

forEachEngine('transactions', ({ test }) => {
  /** Chromium (156) finds the origin's databases damaged, and deletes them, if it was killed during two such. */
  test('never writes to different stores at the same time', async (context) => {
    const { server } = context;
    const paths = ['/a', '/b', '/c', '/d'];
    for (const path of paths) server.file(path, { size: 500_000 });
    const page = await openApp(context, { before: WATCH });
    await page.evaluate((files) => window.app.fetch('films', files), paths);
    await reportOf(page, 'films');
    const { begun, overlapping } = await page.evaluate(() => window.writing);
    assert.ok(begun > 4, `${begun} transactions were seen`);
    assert.deepEqual(overlapping, []);
    await assertNothingLeft(page);
  });
});
