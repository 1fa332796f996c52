import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, isExecutable, outputOf, runQuietly, TOOLS } from './run.mjs';

export const ENGINES = ['chromium', 'firefox', 'webkit', 'webkit-private'];

/** The engines that the variable ENGINES names, separated by commas; all when it is not set. */
export function chosenEngines() {
  const chosen = (process.env.ENGINES ?? '').split(',').filter(Boolean);
  for (const engine of chosen) {
    if (!ENGINES.includes(engine)) throw new Error(`ENGINES: there is no ${engine}, only ${ENGINES.join(', ')}`);
  }
  return chosen.length > 0 ? ENGINES.filter((engine) => chosen.includes(engine)) : ENGINES;
}

// What WebKit's programs are linked against is found out by running them, so that a half-installed set counts as none.
const PYTHON_CHECK = `import gi
gi.require_version('Gtk', '3.0'); gi.require_version('WebKit2', '4.1')
from gi.repository import Gtk, WebKit2`;

function program(variable, ...names) {
  const named = process.env[variable];
  if (!named) return findProgram(...names);
  if (!isExecutable(named)) throw new Error(`${variable} is set to ${named}, which cannot be run`);
  return named;
}

/** MiniBrowser is no program of PATH: distributions keep it beside WebKit's libraries. */
function findMiniBrowser() {
  const roots = ['/usr/libexec', '/usr/lib', '/usr/lib64'];
  const nested = existsSync('/usr/lib')
    ? readdirSync('/usr/lib').filter((name) => name.endsWith('-linux-gnu'))
    : [];
  for (const root of [...nested.map((name) => join('/usr/lib', name)), ...roots]) {
    for (const library of ['webkit2gtk-4.1', 'webkitgtk-6.0', 'webkit2gtk-4.0']) {
      const file = join(root, library, 'MiniBrowser');
      if (isExecutable(file)) return file;
    }
  }
  return null;
}

function findPython() {
  const candidates = [process.env.WEBKIT_PYTHON, '/usr/bin/python3', findProgram('python3')].filter(Boolean);
  return candidates.find((python) => outputOf(python, ['-c', PYTHON_CHECK]) !== null) ?? null;
}

function findDisplay() {
  return program('XVFB', 'Xvfb') ?? (process.env.DISPLAY ? 'the desktop' : null);
}

const PARTS = {
  chromium: {
    browser: {
      find: () => program('CHROMIUM', 'chromium', 'chromium-browser', 'google-chrome'),
      apt: ['chromium'],
    },
    driver: { find: () => program('CHROMEDRIVER', 'chromedriver'), apt: ['chromium-driver'] },
  },
  firefox: {
    browser: { find: () => program('FIREFOX', 'firefox', 'firefox-esr'), apt: ['firefox-esr'] },
    driver: { find: () => program('GECKODRIVER', 'geckodriver'), cargo: 'geckodriver' },
  },
  webkit: {
    python: {
      find: findPython,
      apt: ['python3-gi', 'python3-gi-cairo', 'gir1.2-gtk-3.0', 'gir1.2-webkit2-4.1'],
    },
    display: { find: findDisplay, apt: ['xvfb'] },
  },
  'webkit-private': {
    browser: {
      find: () => (process.env.WEBKIT ? program('WEBKIT') : findMiniBrowser()),
      apt: ['webkit2gtk-driver'],
    },
    driver: { find: () => program('WEBKIT_DRIVER', 'WebKitWebDriver'), apt: ['webkit2gtk-driver'] },
    display: { find: findDisplay, apt: ['xvfb'] },
  },
};

function missingOf(parts, paths) {
  return Object.keys(parts).filter((name) => !paths[name]);
}

function adviceFor(parts, missing) {
  const apt = [...new Set(missing.flatMap((name) => parts[name].apt ?? []))];
  const cargo = missing.flatMap((name) => parts[name].cargo ?? []);
  const steps = [];
  if (apt.length > 0) steps.push(`install ${apt.join(' ')} (names of Debian's packages)`);
  if (cargo.length > 0) steps.push(`cargo install ${cargo.join(' ')}`);
  return `no ${missing.join(', no ')} found: ${steps.join(', ')}`;
}

/**
 * Looks for an engine's programs, installs nothing. Gives `{available, reason, paths}`; `paths` has `browser` and
 * `driver`, or for WebKit `python`, and `display`.
 */
export function findBrowser(engine) {
  const parts = PARTS[engine];
  if (!parts) throw new Error(`There is no engine ${engine}, only ${ENGINES.join(', ')}`);
  const paths = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.find()]));
  const missing = missingOf(parts, paths);
  const reason = missing.length > 0 ? adviceFor(parts, missing) : null;
  return { available: reason === null, reason, paths };
}

function mayUseApt() {
  return process.getuid?.() === 0 && findProgram('apt-get') !== null;
}

function installApt(packages) {
  console.log(`Installing ${packages.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  runQuietly('apt-get', ['update', '-qq'], { env });
  runQuietly('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env });
}

function installMissing(engines) {
  const parts = engines.flatMap((engine) => Object.values(PARTS[engine])).filter((part) => !part.find());
  const apt = [...new Set(parts.flatMap((part) => part.apt ?? []))];
  if (apt.length > 0 && mayUseApt()) installApt(apt);
  for (const crate of new Set(parts.flatMap((part) => part.cargo ?? []))) {
    if (!findProgram('cargo')) continue;
    console.log(`Compiling ${crate}, which takes some minutes`);
    runQuietly('cargo', ['install', crate, '--root', TOOLS]);
  }
}

/**
 * Finds the browsers of the named engines and, as root on Debian and its relatives, installs what is missing.
 * Gives `{[engine]: {available, reason, paths}}`.
 */
export function ensureBrowsers(engines = ENGINES) {
  installMissing(engines.filter((engine) => !findBrowser(engine).available));
  return Object.fromEntries(engines.map((engine) => [engine, findBrowser(engine)]));
}
