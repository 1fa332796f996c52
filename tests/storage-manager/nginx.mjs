import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { installApt, mayUseApt } from '../../scripts/setup/apt.mjs';
import { findProgram } from '../../scripts/setup/run.mjs';

/** Finds nginx, which is outside of a user's path on Debian, and installs it there as root. Null where it is not. */
export function ensureNginx() {
  const find = () => findProgram('nginx', '/usr/sbin/nginx');
  if (!find() && mayUseApt()) installApt([['nginx-light', 'nginx']]);
  return find();
}

async function freePort() {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * Starts one that serves a folder with these files, `{name: bytes}`. `stop()` ends it and deletes all that it wrote.
 *
 * @param {string} program
 * @param {Record<string, Uint8Array>} files
 */
export async function startNginx(program, files) {
  const folder = await mkdtemp(join(tmpdir(), 'nginx-'));
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  const port = await freePort();
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join(' ');
  const configuration = join(folder, 'nginx.conf');
  await writeFile(
    configuration,
    `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
events {}
http { access_log off; ${temporary} server { listen 127.0.0.1:${port}; root ${folder}; } }`,
  );
  const server = spawn(program, ['-c', configuration, '-p', folder], { stdio: 'ignore' });
  const origin = `http://127.0.0.1:${port}`;
  const isUp = () =>
    fetch(origin).then(
      () => true,
      () => false,
    );
  while (server.exitCode === null && !(await isUp())) await delay(20);
  const stop = async () => {
    if (server.exitCode === null) {
      server.kill();
      await once(server, 'exit');
    }
    await rm(folder, { recursive: true });
  };
  return { origin, port, stop };
}
