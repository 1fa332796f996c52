import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatPercent, formatSize, formatTime } from '../../src/shelf/format.js';

test('sizes have three digits at most, and the unit that fits', () => {
  const sizes = [0, 1, 999, 999.6, 1000, 12_340, 123_456, 999_499, 999_500, 1.25e9, 5e12, 5e15];
  assert.deepEqual(
    sizes.map((size) => formatSize('en', size)),
    [
      '0 bytes',
      '1 byte',
      '999 bytes',
      '1 kB',
      '1 kB',
      '12.3 kB',
      '123 kB',
      '999 kB',
      '1 MB',
      '1.25 GB',
      '5 TB',
      '5,000 TB',
    ],
  );
});

test('times are rounded up to steps that do not flicker', () => {
  const times = [0, 1, 5000, 5001, 59_000, 60_000, 61_000, 3_599_000, 3_600_000, 5_400_001];
  assert.deepEqual(
    times.map((ms) => formatTime('en', ms)),
    ['5 sec', '5 sec', '5 sec', '10 sec', '1 min', '1 min', '2 min', '1 hr', '1 hr', '2 hr'],
  );
});

test('a percentage is not complete before all is', () => {
  assert.equal(formatPercent('en', 0.999), '99%');
  assert.equal(formatPercent('en', 1), '100%');
});

test('other languages have their own words and digits', () => {
  assert.equal(formatTime('de', 120_000), '2 Min.');
  assert.equal(formatSize('de', 1.25e9), '1,25\u00a0GB');
  assert.match(formatSize('ar-EG', 5e6), /٥/);
});
