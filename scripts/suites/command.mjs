import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ROOT } from '../setup/run.mjs';

const running = new Set();

/** Runs a program with our own output; gives true when it succeeded. */
export async function command(name, args, env) {
  return run(name, args, env, 'inherit');
}

/** The same, but gives `{succeeded, output}` when it is through: for several at a time. */
export async function quietCommand(name, args, env) {
  let output = '';
  const succeeded = await run(name, args, env, 'pipe', (bytes) => (output += bytes));
  return { succeeded, output };
}

async function run(name, args, env = {}, stdio, receive) {
  const merged = { ...process.env, ...env };
  for (const [key, value] of Object.entries(merged)) if (value === undefined) delete merged[key];
  // A process group of its own: node's test runner does not pass on a signal to the test files it runs.
  const options = { cwd: ROOT, detached: true, stdio: ['ignore', stdio, stdio], env: merged };
  const child = spawn(name, args, options);
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', receive);
  running.add(child);
  try {
    const [code] = await once(child, 'close');
    return code === 0;
  } catch (error) {
    console.error(`${name} cannot be run: ${error.message}`);
    return false;
  } finally {
    running.delete(child);
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    for (const child of running) process.kill(-child.pid, signal);
    process.kill(process.pid, signal);
  });
}
