import assert from 'node:assert/strict';
import { forEachEngine } from './harness.mjs';
import { readIdl } from './shape/idl.mjs';
import { openScopes, SCOPES } from './shape/scopes.mjs';

const idl = await readIdl();

/** A file of which nothing comes, so that a fetch goes on until it is aborted. */
const ENDLESS = '/endless.bin';

/** That nothing failed, and that something was looked at. */
function assertAll({ count, failures }, least) {
  assert.equal(failures.length, 0, failures.join('\n'));
  assert.ok(count >= least, `${count} checks`);
}

forEachEngine('shape', ({ engine, test }) => {
  for (const scope of SCOPES) {
    test(`in a ${scope} the interfaces are those of the IDL`, async (context) => {
      const { collectIn } = await openScopes(context);
      assertAll(await collectIn(scope, 'checkInterfaces', idl, scope), 300);
    });
  }

  // No worker of Chromium's has navigator.serviceWorker, so that it cannot get an instance.
  const withInstances = engine === 'chromium' ? ['window', 'service worker'] : SCOPES;
  for (const scope of withInstances) {
    test(`in a ${scope} instances show the IDL's members and nothing else`, async (context) => {
      context.server.file(ENDLESS, { never: true });
      const { collectIn } = await openScopes(context);
      assertAll(await collectIn(scope, 'checkInstances', idl, ENDLESS), 50);
    });
  }

  for (const scope of ['window', 'service worker']) {
    test(`in a ${scope} arguments are converted as the IDL says`, async (context) => {
      context.server.file(ENDLESS, { never: true });
      const { collectIn } = await openScopes(context);
      assertAll(await collectIn(scope, 'checkConversions', idl, ENDLESS), 100);
    });

    test(`in a ${scope} event handlers are attributes as HTML has them`, async (context) => {
      context.server.file(ENDLESS, { never: true });
      const { collectIn } = await openScopes(context);
      assertAll(await collectIn(scope, 'checkHandlers', idl, ENDLESS), 30);
    });
  }

  test('the events can be constructed', async (context) => {
    context.server.file(ENDLESS, { never: true });
    const { collectIn } = await openScopes(context);
    assertAll(await collectIn('service worker', 'checkEvents', idl, ENDLESS), 80);
  });
});
