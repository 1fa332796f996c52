/**
 * Runs in a page: says everything that it can think of to the polyfill's channel and to the worker, about the fetches
 * with these uids. Resolves when both have had it. Gives how many of the messages to the worker were the app's own.
 */
export async function forgeMessages(uids) {
  const MARK = 'background-fetch-polyfill';
  const cyclic = { kind: 'progressed', uid: uids[0] };
  cyclic.records = cyclic;
  let deep = {};
  for (let depth = 0; depth < 500; depth += 1) deep = { uid: deep };
  const huge = 'x'.repeat(1_000_000);
  const values = [
    ...[undefined, null, true, 0, NaN, 1n, '', 'registered', huge, [], {}, deep, cyclic],
    ...[new Date(), /x/, new Error('x'), new Map([['kind', 'registered']]), new Set([1]), new Blob(['x'])],
    ...[new ArrayBuffer(1_000_000), new Uint8Array(8), new ImageData(2, 2)],
    ...[JSON.parse('{"__proto__": {"kind": "registered"}}'), { ['__proto__']: null, kind: '__proto__' }],
  ];
  const names = [
    ...uids,
    '',
    '__proto__',
    '-',
    'unknown',
    '\uD800',
    '\0',
    huge,
    0,
    null,
    undefined,
    {},
    [uids[0]],
  ];

  const channel = new BroadcastChannel(MARK);
  values.forEach((value) => channel.postMessage(value));
  const indices = [
    undefined,
    null,
    [],
    [0],
    [-1],
    [2 ** 32],
    [NaN],
    [0.5],
    ['0'],
    'x',
    {},
    Array(100_000).fill(0),
  ];
  for (const uid of names) {
    for (const kind of ['registered', 'progressed', 'commanded', 'Registered', 'purged', '', 0, null, {}]) {
      channel.postMessage({ kind, uid });
      channel.postMessage({ kind, uid, records: [0, 1, 7], result: 'success', state: { settled: true } });
    }
    for (const records of indices) channel.postMessage({ kind: 'progressed', uid, records });
  }
  for (let count = 0; count < 300; count += 1) {
    channel.postMessage({ kind: 'commanded', uid: uids[0] });
    channel.postMessage({ kind: 'progressed', uid: uids[0], records: null });
  }

  const { active } = await navigator.serviceWorker.ready;
  const deliver = (/** @type {unknown} */ uid, /** @type {unknown} */ kind = 'deliver') => ({
    [MARK]: kind,
    uid,
  });
  const ours = names.filter((name) => typeof name === 'string').map((uid) => deliver(uid));
  const others = [
    ...values,
    ...names.filter((name) => typeof name !== 'string').map((uid) => deliver(uid)),
    ...uids.flatMap((uid) =>
      ['Deliver', 'purge', '', null, {}, ['deliver']].map((kind) => deliver(uid, kind)),
    ),
  ];
  for (const message of [...ours, ...others]) active.postMessage(message);
  for (let count = 0; count < 100; count += 1) active.postMessage(deliver(uids[0]));

  const last = new BroadcastChannel(MARK);
  const heard = new Promise((resolve) => {
    last.onmessage = ({ data }) => data === 'last' && resolve();
  });
  channel.postMessage('last');
  await heard;
  channel.close();
  last.close();
  return { own: others.length, seen: await window.hostile.ask('how many?') };
}
