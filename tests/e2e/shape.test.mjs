import assert from 'node:assert/strict';
import { forEachEngine } from './harness.mjs';
import { readIdl } from './shape/idl.mjs';
import { openScopes, SCOPES } from './shape/scopes.mjs';

const idl = await readIdl();

/** That nothing failed, and that something was looked at. */
function assertAll({ count, failures }, least) {
  assert.equal(failures.length, 0, failures.join('\n'));
  assert.ok(count >= least, `${count} checks`);
}

forEachEngine('shape', ({ test }) => {
  for (const scope of SCOPES) {
    test(`in a ${scope} the interfaces are those of the IDL`, async (context) => {
      const { collectIn } = await openScopes(context);
      assertAll(await collectIn(scope, 'checkInterfaces', idl, scope), 300);
    });
  }
});
