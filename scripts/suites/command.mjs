import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ROOT } from '../setup/run.mjs';

const running = new Set();

/** Runs a program with our own output; gives true when it succeeded. */
export async function command(name, args, env = {}) {
  const merged = { ...process.env, ...env };
  for (const [key, value] of Object.entries(merged)) if (value === undefined) delete merged[key];
  const child = spawn(name, args, { cwd: ROOT, stdio: 'inherit', env: merged });
  running.add(child);
  try {
    const [code] = await once(child, 'exit');
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
    for (const child of running) child.kill(signal);
    process.kill(process.pid, signal);
  });
}
