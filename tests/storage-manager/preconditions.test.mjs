import assert from 'node:assert/strict';
import { test } from 'node:test';
import { preconditionStatus, rangeApplies } from '../../src/storage-manager/preconditions.js';

const MODIFIED = 'Thu, 01 Jan 2026 00:00:00 GMT';
const BEFORE = 'Wed, 31 Dec 2025 23:59:59 GMT';
const AFTER = 'Thu, 01 Jan 2026 00:00:01 GMT';
const FILE = { etag: '"a"', lastModified: MODIFIED };

/** @type {[Record<string, string>, 304 | 412 | undefined][]} */
const CASES = [
  [{}, undefined],
  [{ 'If-Match': '"a"' }, undefined],
  [{ 'If-Match': '*' }, undefined],
  [{ 'If-Match': '"b", "a"' }, undefined],
  [{ 'If-Match': '"b"' }, 412],
  [{ 'If-Match': 'W/"a"' }, 412],
  [{ 'If-Match': '"b"', 'If-None-Match': '"a"' }, 412],
  [{ 'If-Unmodified-Since': MODIFIED }, undefined],
  [{ 'If-Unmodified-Since': AFTER }, undefined],
  [{ 'If-Unmodified-Since': BEFORE }, 412],
  [{ 'If-Unmodified-Since': 'yesterday' }, undefined],
  [{ 'If-Match': '"a"', 'If-Unmodified-Since': BEFORE }, undefined],
  [{ 'If-None-Match': '"a"' }, 304],
  [{ 'If-None-Match': 'W/"a"' }, 304],
  [{ 'If-None-Match': '*' }, 304],
  [{ 'If-None-Match': '"b"' }, undefined],
  [{ 'If-None-Match': '"b", W/"a"' }, 304],
  [{ 'If-None-Match': '"x,\\"a", "b"' }, undefined],
  [{ 'If-Modified-Since': MODIFIED }, 304],
  [{ 'If-Modified-Since': AFTER }, 304],
  [{ 'If-Modified-Since': BEFORE }, undefined],
  [{ 'If-Modified-Since': 'yesterday' }, undefined],
  [{ 'If-None-Match': '"b"', 'If-Modified-Since': MODIFIED }, undefined],
];

test('preconditions are evaluated in the order of RFC 9110', () => {
  for (const [headers, status] of CASES) {
    assert.equal(preconditionStatus(new Headers(headers), FILE), status, JSON.stringify(headers));
  }
});

test('a file whose date is not known has not changed since any', () => {
  const headers = { 'If-Modified-Since': MODIFIED };
  assert.equal(preconditionStatus(new Headers(headers), { etag: '"a"' }), undefined);
  assert.equal(
    preconditionStatus(new Headers({ 'If-Unmodified-Since': BEFORE }), { etag: '"a"' }),
    undefined,
  );
});

test('If-Range compares strongly', () => {
  /** @type {[string | null, boolean][]} */
  const cases = [
    [null, true],
    ['"a"', true],
    ['W/"a"', false],
    ['"b"', false],
    ['a', false],
    ['*', false],
    ['"b", "a"', false],
    [MODIFIED, true],
    [AFTER, false],
    [BEFORE, false],
    ['', false],
  ];
  for (const [field, applies] of cases) {
    assert.equal(rangeApplies(field, FILE), applies, String(field));
  }
  assert.equal(rangeApplies(MODIFIED, { etag: '"a"' }), false);
});
