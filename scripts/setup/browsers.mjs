import { installApt, mayUseApt } from './apt.mjs';
import { findProgram, findPrograms, isExecutable, outputOf, runQuietly, TOOLS } from './run.mjs';

export const ENGINES = ['chromium', 'firefox', 'webkit', 'webkit-private', 'firefox-private'];
/** Those whose profiles outlive the browser. */
export const PERSISTENT = ['chromium', 'firefox', 'webkit'];

/** The engines that the variable ENGINES names, separated by commas; all when it is not set. */
export function chosenEngines() {
  const chosen = (process.env.ENGINES ?? '').split(',').filter(Boolean);
  for (const engine of chosen) {
    if (!ENGINES.includes(engine))
      throw new Error(`ENGINES: there is no ${engine}, only ${ENGINES.join(', ')}`);
  }
  return chosen.length > 0 ? ENGINES.filter((engine) => chosen.includes(engine)) : ENGINES;
}

// What WebKit's programs are linked against is found out by running them, so that a half-installed set counts as none.
const PYTHON_CHECK = `import gi
gi.require_version('Gtk', '3.0'); gi.require_version('WebKit2', '4.1')
from gi.repository import Gtk, WebKit2`;

/** The program that a variable of the environment names. */
function named(variable) {
  const file = process.env[variable];
  if (!file) return null;
  if (!isExecutable(file)) throw new Error(`${variable} is set to ${file}, which cannot be run`);
  return file;
}

const working = new Set();

/** Ubuntu's firefox, chromium-browser and chromedriver may be scripts that do no more than ask for a snap. */
function isWorking(file) {
  if (!working.has(file) && outputOf(file, ['--version']) !== null) working.add(file);
  return working.has(file);
}

function findPython() {
  const candidates = [process.env.WEBKIT_PYTHON, '/usr/bin/python3', findProgram('python3')].filter(Boolean);
  return candidates.find((python) => outputOf(python, ['-c', PYTHON_CHECK]) !== null) ?? null;
}

function findDisplay() {
  return named('XVFB') ?? findProgram('Xvfb') ?? (process.env.DISPLAY ? 'the desktop' : null);
}

function checked(variable, ...names) {
  return { variable, names, find: () => named(variable) ?? findPrograms(...names).find(isWorking) ?? null };
}

// `apt` has alternatives, the first that apt can install is taken: Debian's name, then that of others.
const FIREFOX = {
  browser: { ...checked('FIREFOX', 'firefox', 'firefox-esr'), apt: ['firefox-esr', 'firefox'] },
  // A version, so that it is not the day's newest that the tests depend on.
  driver: { ...checked('GECKODRIVER', 'geckodriver'), cargo: ['geckodriver', '--version', '0.37.1'] },
};

const WEBKIT = {
  python: {
    variable: 'WEBKIT_PYTHON',
    find: findPython,
    apt: ['python3-gi python3-gi-cairo gir1.2-gtk-3.0 gir1.2-webkit2-4.1'],
  },
  display: { variable: 'XVFB', find: findDisplay, apt: ['xvfb'] },
};

const PARTS = {
  chromium: {
    browser: {
      ...checked('CHROMIUM', 'chromium', 'chromium-browser', 'google-chrome'),
      apt: ['chromium', 'chromium-browser'],
    },
    driver: { ...checked('CHROMEDRIVER', 'chromedriver'), apt: ['chromium-driver', 'chromium-chromedriver'] },
  },
  firefox: FIREFOX,
  'firefox-private': FIREFOX,
  webkit: WEBKIT,
  'webkit-private': WEBKIT,
};

function missingOf(engine) {
  return Object.entries(PARTS[engine]).filter(([, part]) => !part.find());
}

function adviceFor(missing) {
  const parts = missing.map(([, part]) => part);
  const stubs = parts.flatMap(({ names }) => findPrograms(...(names ?? [])));
  const packages = new Set(parts.flatMap((part) => part.apt?.join(' or ') ?? []));
  const steps = parts.flatMap((part) => (part.cargo ? `cargo install ${part.cargo.join(' ')}` : []));
  if (packages.size > 0) {
    steps.unshift(`install ${[...packages].join(', ')} (names of Debian's and Ubuntu's packages)`);
  }
  const found = stubs.length > 0 ? ` that runs (${stubs.join(' and ')} may need a snap)` : ' found';
  const variables = parts.map(({ variable }) => variable).join(' and ');
  return `no ${missing.map(([name]) => name).join(', no ')}${found}: ${steps.join(', ')}, or set ${variables}`;
}

/**
 * Looks for an engine's programs, installs nothing. Gives `{available, reason, paths}`; `paths` has `browser` and
 * `driver`, or for WebKit `python`, and `display`.
 */
export function findBrowser(engine) {
  const parts = PARTS[engine];
  if (!parts) throw new Error(`There is no engine ${engine}, only ${ENGINES.join(', ')}`);
  const paths = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.find()]));
  const missing = Object.entries(parts).filter(([name]) => !paths[name]);
  const reason = missing.length > 0 ? adviceFor(missing) : null;
  return { available: reason === null, reason, paths };
}

function installCrate(crate) {
  console.log(`Compiling ${crate[0]}, which takes some minutes`);
  runQuietly('cargo', ['install', ...crate, '--root', TOOLS]);
}

function installMissing(engine) {
  const parts = missingOf(engine).map(([, part]) => part);
  const packaged = parts.filter((part) => part.apt);
  if (packaged.length > 0 && mayUseApt()) installApt(packaged.map((part) => part.apt));
  // Minutes for a driver are well spent only when it has something to drive.
  if (missingOf(engine).some(([, part]) => !part.cargo) || !findProgram('cargo')) return;
  for (const { cargo } of parts) if (cargo) installCrate(cargo);
}

function ensureBrowser(engine) {
  let failure = '';
  try {
    installMissing(engine);
  } catch (error) {
    failure = ` (${error.message})`;
  }
  const found = findBrowser(engine);
  return found.available ? found : { ...found, reason: found.reason + failure };
}

/**
 * Finds the browsers of the named engines and, as root on Debian and its relatives, installs what is missing, each
 * engine on its own: what cannot be installed is its `reason`. Gives `{[engine]: {available, reason, paths}}`.
 */
export function ensureBrowsers(engines = ENGINES) {
  return Object.fromEntries(engines.map((engine) => [engine, ensureBrowser(engine)]));
}
