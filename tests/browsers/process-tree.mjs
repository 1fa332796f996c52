import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const MARK = 'BACKGROUND_FETCH_TEST_BED';

const running = new Set();
let count = 0;

/** `[{pid, parent, marked}]` of the processes that run; Linux only, elsewhere empty. */
function processes(mark) {
  let names;
  try {
    names = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
  const found = [];
  for (const name of names) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (state === 'Z') continue;
      const marked = readFileSync(`/proc/${name}/environ`, 'latin1').split('\0').includes(`${MARK}=${mark}`);
      found.push({ pid: Number(name), parent: Number(parent), marked });
    } catch {
      // It has ended meanwhile, or belongs to another user.
    }
  }
  return found;
}

/**
 * A program that we started, with all that it started. Browsers leave their driver's process group, and some of
 * their helpers leave their parent: those are recognised by a variable in their environment.
 */
export class ProcessTree {
  #mark = `${process.pid}-${(count += 1)}`;
  #seen = new Set();
  #output = '';

  /**
   * @param {string} command
   * @param {string[]} args
   * @param {{ env?: object, stdio?: import('node:child_process').StdioOptions, cwd?: string }} [options]
   */
  constructor(command, args, { env = {}, stdio = ['ignore', 'pipe', 'pipe'], cwd } = {}) {
    this.command = command;
    const variables = { ...process.env, ...env, [MARK]: this.#mark };
    /** @type {any} */
    const child = spawn(command, args, { cwd, stdio, env: variables });
    /** @type {Omit<import('node:child_process').ChildProcessWithoutNullStreams, 'stdio'> & { stdio: any[] }} */
    this.child = child;
    this.exited = new Promise((resolve) => {
      this.child.once('exit', (code, signal) => resolve({ code, signal }));
      this.child.once('error', (error) => resolve({ error }));
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (bytes) => {
        this.#output = (this.#output + bytes).slice(-20_000);
        this.onOutput?.();
      });
    }
    running.add(this);
  }

  get pid() {
    return this.child.pid;
  }

  /** What it has printed lately. */
  get output() {
    return this.#output;
  }

  /** Resolves with the first match of `pattern` in what it prints. */
  async printed(pattern, { timeout = 30_000 } = {}) {
    const seen = new Promise((resolve) => {
      this.onOutput = () => {
        const match = pattern.exec(this.#output);
        if (match) resolve(match);
      };
      this.onOutput();
    });
    const ended = this.exited.then(() =>
      Promise.reject(new Error(`${this.command} ended:\n${this.#output}`)),
    );
    return within(
      Promise.race([seen, ended]),
      timeout,
      () => `${this.command} is not ready:\n${this.#output}`,
    );
  }

  /** All its processes that run now, as process ids. */
  pids() {
    const all = processes(this.#mark);
    const family = new Set(all.filter(({ pid, marked }) => marked || pid === this.pid).map(({ pid }) => pid));
    for (let before = -1; before !== family.size;) {
      before = family.size;
      for (const { pid, parent } of all) if (family.has(parent)) family.add(pid);
    }
    for (const pid of family) this.#seen.add(pid);
    return [...family];
  }

  killNow() {
    for (const pid of new Set([...this.pids(), this.pid].filter(Boolean))) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended meanwhile.
      }
    }
  }

  /** SIGKILL to all its processes; resolves when none is left. */
  async kill() {
    const deadline = performance.now() + 10_000;
    do {
      this.killNow();
      if (this.pids().length === 0) break;
      await delay(10);
    } while (performance.now() < deadline);
    running.delete(this);
    if (this.pid !== undefined) await within(this.exited, 10_000, () => `${this.command} does not end`);
  }
}

/** Rejects when `promise` takes longer than `timeout` ms. */
export async function within(promise, timeout, message) {
  let timer;
  const late = new Promise((resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`Not within ${timeout} ms: ${message()}`)), timeout);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

const directories = new Set();

/** Makes sure that a directory does not outlive this process. */
export function removeAtExit(directory) {
  directories.add(directory);
}

function killAll() {
  for (const tree of running) tree.killNow();
  for (const directory of directories) rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}

process.once('exit', killAll);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    killAll();
    process.kill(process.pid, signal);
  });
}
