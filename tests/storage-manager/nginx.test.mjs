import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { test } from 'node:test';
import { preconditionStatus, rangeApplies } from '../../src/storage-manager/preconditions.js';
import { requestedRange } from '../../src/storage-manager/range.js';
import { ensureNginx, startNginx } from './nginx.mjs';
import { RANGE_CASES } from './range-cases.mjs';

const SIZES = [0, 1, 1000];
/** One range, as the RFC has it, with numbers that everybody can hold. */
const WELL_FORMED = /^bytes=(?:(\d{1,18})-(\d{1,18})?|-\d{1,18})$/i;

/** Where the RFC leaves no choice. */
function isCertain(field, size) {
  const [isWellFormed, first, last] = WELL_FORMED.exec(field) ?? [];
  return isWellFormed !== undefined && size > 0 && !(last && BigInt(last) < BigInt(first));
}

/** With the fields as they are. */
async function ask(port, name, headers) {
  const sent = request({ host: '127.0.0.1', port, path: `/${name}`, headers, agent: false });
  sent.end();
  const [response] = await once(sent, 'response');
  const pieces = await response.toArray();
  const { statusCode: status, headers: told } = response;
  return { status, range: told['content-range'], length: Buffer.concat(pieces).length, headers: told };
}

test('nginx answers ranges as we do, where RFC 9110 leaves no choice', async (t) => {
  const program = ensureNginx();
  if (!program) {
    // As with browsers: where it can be installed it has to be there.
    assert.ok(!process.env.CI, "there is no nginx: Debian's package is nginx-light");
    t.skip("there is no nginx: install Debian's nginx-light");
    return;
  }
  const nginx = await startNginx(
    program,
    Object.fromEntries(SIZES.map((size) => [size, new Uint8Array(size)])),
  );
  t.after(() => nginx.stop());

  const cases = RANGE_CASES.filter(([field, size]) => SIZES.includes(size) && isCertain(field, size));
  assert.ok(cases.length >= 25, `${cases.length} cases`);
  for (const [field, size] of cases) {
    const ours = requestedRange(field, size);
    const theirs = await ask(nginx.port, size, { range: field });
    const what = `${field} of ${size}`;
    if (ours === 'unsatisfiable') {
      assert.deepEqual([theirs.status, theirs.range], [416, `bytes */${size}`], what);
    } else {
      const { start, end } = ours;
      const range = `bytes ${start}-${end - 1}/${size}`;
      assert.deepEqual([theirs.status, theirs.range, theirs.length], [206, range, end - start], what);
    }
  }

  const { headers } = await ask(nginx.port, 1000, {});
  const validators = { etag: headers.etag, lastModified: headers['last-modified'] };
  for (const given of [
    { 'if-none-match': validators.etag },
    { 'if-none-match': '"other"' },
    { 'if-none-match': `W/${validators.etag}` },
    { 'if-none-match': '*' },
    { 'if-match': validators.etag },
    { 'if-match': '"other"' },
    { 'if-modified-since': validators.lastModified },
    { 'if-unmodified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' },
    { 'if-unmodified-since': validators.lastModified },
    { 'if-none-match': '"other"', 'if-modified-since': validators.lastModified },
  ]) {
    const theirs = await ask(nginx.port, 1000, given);
    const ours = preconditionStatus(new Headers(given), validators) ?? 200;
    assert.equal(theirs.status, ours, JSON.stringify(given));
  }
  for (const field of [validators.etag, '"other"', `W/${validators.etag}`, validators.lastModified]) {
    const theirs = await ask(nginx.port, 1000, { range: 'bytes=0-9', 'if-range': field });
    assert.equal(theirs.status, rangeApplies(field, validators) ? 206 : 200, field);
  }
});
