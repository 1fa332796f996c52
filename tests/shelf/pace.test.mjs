import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstPace, nextPace, speedOf, timeLeftOf } from '../../src/shelf/pace.js';

const MEGABYTE = 1e6;

/** What is told at each of the news, which are pairs of a time and the bytes by then. */
function told(news, total) {
  const [[at, downloaded], ...rest] = news;
  let pace = firstPace(at, downloaded);
  return rest.map(([time, bytes]) => {
    pace = nextPace(pace, time, bytes, total);
    return { time, speed: speedOf(pace), left: timeLeftOf(pace, time) };
  });
}

/** News every 100 ms, of what `bytesAt` gives. */
function every100(ms, bytesAt) {
  return Array.from({ length: ms / 100 + 1 }, (_, at) => [at * 100, bytesAt(at * 100)]);
}

test('a steady download has its speed, and its time left counts down', () => {
  const all = told(
    every100(60_000, (ms) => ms * 1000),
    100 * MEGABYTE,
  );
  for (const { time, speed, left } of all) {
    if (time < 1500) assert.deepEqual([speed, left], [undefined, undefined]);
    else {
      assert.ok(Math.abs(speed - MEGABYTE) < 1, `${speed}`);
      assert.ok(Math.abs(left - (100_000 - time)) < 10, `${left} at ${time}`);
    }
  }
});

test('bursts change neither speed nor time left by much', () => {
  // Three megabytes every three seconds.
  const all = told(
    every100(60_000, (ms) => 3 * MEGABYTE * Math.floor(ms / 3000)),
    100 * MEGABYTE,
  );
  const later = all.filter(({ time }) => time > 20_000);
  for (const { speed } of later) assert.ok(speed > 0.7 * MEGABYTE && speed < 1.35 * MEGABYTE, `${speed}`);
  const jumps = later.slice(1).filter(({ left }, at) => Math.abs(left - later[at].left) > 3000);
  assert.ok(jumps.length === 0, `${jumps.length} jumps in 40 s`);
});

test('what stands still loses its speed and has no time left', () => {
  const all = told(
    every100(200_000, (ms) => 1000 * Math.min(ms, 20_000)),
    100 * MEGABYTE,
  );
  const { speed, left } = all.at(-1);
  assert.ok(speed < 10, `${speed}`);
  assert.ok(left === undefined || left > 3_600_000);
});

test('a file that begins anew is no speed', () => {
  const all = told(
    [
      [0, 5e6],
      [2000, 7e6],
      [2100, 0],
      [4000, 2e6],
    ],
    10 * MEGABYTE,
  );
  for (const { speed } of all) assert.ok(speed >= 0);
});

test('what was there before is no speed', () => {
  // A page that loads sees half of the file.
  const [{ speed }] = told(
    [
      [0, 50 * MEGABYTE],
      [2000, 52 * MEGABYTE],
    ],
    100 * MEGABYTE,
  );
  assert.ok(Math.abs(speed - MEGABYTE) < 1);
});

test('without a total there is a speed and no time left', () => {
  const { speed, left } = told(
    every100(5000, (ms) => ms * 1000),
    0,
  ).at(-1);
  assert.ok(speed > 0);
  assert.equal(left, undefined);
});

test('two news of one moment, and a total that was too small, are no harm', () => {
  const all = told(
    [
      [0, 0],
      [0, 1000],
      [3000, 4000],
      [3000, 5000],
      [6000, 9000],
    ],
    2000,
  );
  assert.equal(all.at(-1).left, 0);
});
