import assert from 'node:assert/strict';
import { test } from 'node:test';
import { announcementOf } from '../../src/shelf/announcements.js';
import { bestIcon, shareOf, stateOf } from '../../src/shelf/entry.js';

/** @returns {any} */
const entry = (changes = {}) => ({
  key: 'a',
  scope: '/',
  id: 'a',
  title: 'A',
  icons: [],
  created: 0,
  result: '',
  failureReason: '',
  downloaded: 0,
  downloadTotal: 1000,
  uploaded: 0,
  uploadTotal: 0,
  isPaused: false,
  isWaiting: false,
  isDelivered: false,
  isMoving: false,
  ...changes,
});

test('an entry is in one state at a time, and the end wins', () => {
  const states = [
    [{}, 'starting'],
    [{ downloaded: 10 }, 'resuming'],
    [{ downloaded: 10, isMoving: true }, 'downloading'],
    [{ uploadTotal: 10, uploaded: 5, isMoving: true }, 'uploading'],
    [{ downloaded: 1000, isMoving: true }, 'verifying'],
    [{ downloaded: 10, isPaused: true, isWaiting: true }, 'paused'],
    [{ downloaded: 10, isWaiting: true, isMoving: true }, 'waiting'],
    [{ result: 'success' }, 'handing'],
    [{ result: 'success', isDelivered: true }, 'success'],
    [{ result: 'failure', isPaused: true }, 'failure'],
  ];
  for (const [changes, state] of states)
    assert.equal(stateOf(entry(changes)), state, JSON.stringify(changes));
});

test('the share is that of all bytes, if their number is known', () => {
  assert.equal(shareOf(entry({ downloaded: 250 })), 0.25);
  assert.equal(shareOf(entry({ downloaded: 250, uploaded: 500, uploadTotal: 500 })), 0.5);
  assert.equal(shareOf(entry({ downloaded: 250, downloadTotal: 0 })), undefined);
  assert.equal(shareOf(entry({ downloadTotal: 0, uploadTotal: 4, uploaded: 1 })), 0.25);
  assert.equal(shareOf(entry({ downloaded: 1200 })), 1);
  assert.equal(shareOf(entry({ downloadTotal: 0, result: 'success' })), 1);
});

test('the icon is the smallest that is large enough', () => {
  const icons = [
    { src: 'small', sizes: '16x16 32x32' },
    { src: 'large', sizes: '256X256' },
    { src: 'middle', sizes: '64x64' },
    { src: 'unknown' },
    { src: 'wrong', sizes: '0x0 axb' },
  ];
  const srcOf = (width, of = icons) => bestIcon(of, width)?.src;
  assert.deepEqual(
    [16, 20, 40, 64, 65, 500].map((width) => srcOf(width)),
    ['small', 'small', 'middle', 'middle', 'large', 'large'],
  );
  assert.equal(srcOf(40, [...icons, { src: 'vector', sizes: 'any' }]), 'vector');
  assert.equal(srcOf(40, [{ src: 'unknown' }]), 'unknown');
  assert.equal(srcOf(40, []), undefined);
});

test('a download is announced at its start, at each quarter and at its end, whatever the number of its events', () => {
  const kinds = [];
  let before;
  const tell = (changes) => {
    const after = entry(changes);
    const told = announcementOf(before, after);
    if (told) kinds.push(told.kind === 'share' ? told.share : told.kind);
    before = after;
  };
  for (let downloaded = 0; downloaded <= 1000; downloaded += 1) tell({ downloaded, isMoving: true });
  tell({ downloaded: 1000, result: 'success' });
  tell({ downloaded: 1000, result: 'success', isDelivered: true });
  assert.deepEqual(kinds, ['start', 0.25, 0.5, 0.75, 'success']);
});

test('one that jumps over quarters is announced once; a pause and a failure are', () => {
  const [fresh, most] = [entry(), entry({ downloaded: 800, isMoving: true })];
  assert.deepEqual(announcementOf(fresh, most), { kind: 'share', share: 0.75 });
  assert.deepEqual(announcementOf(most, { ...most, isPaused: true }), { kind: 'pause' });
  assert.equal(announcementOf({ ...most, isPaused: true }, most), undefined);
  const failed = { ...most, result: 'failure', failureReason: 'bad-status' };
  assert.deepEqual(announcementOf(most, failed), { kind: 'failure' });
  assert.equal(announcementOf(failed, { ...failed, isDelivered: true }), undefined);
});
