import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startServer } from '../tests/server/server.mjs';

const SIZE = 1 << 30;

const READER = `
import { get } from 'node:http';
const begin = performance.now();
get(process.argv[1], (response) => {
  response.resume();
  response.on('end', () => console.log(performance.now() - begin));
});`;

/** What the server gives a program that throws it away, in MB/s: no way can be faster. */
export async function rateOfServer() {
  const server = await startServer();
  server.file('/file', { size: SIZE, repeats: true });
  const args = ['--input-type=module', '--eval', READER, server.url('/file')];
  const reader = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let ms = '';
  reader.stdout.setEncoding('utf8').on('data', (text) => (ms += text));
  await once(reader, 'close');
  await server.close();
  return Math.round(SIZE / 1e3 / Number(ms));
}
