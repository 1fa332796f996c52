import { ProcessTree, within } from './process-tree.mjs';

let display;

async function startXvfb(path) {
  const args = ['-displayfd', '3', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp', '-noreset'];
  const xvfb = new ProcessTree(path, args, { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
  const number = new Promise((resolve) => {
    let text = '';
    xvfb.child.stdio[3].on('data', (bytes) => {
      text += bytes;
      if (text.endsWith('\n')) resolve(text.trim());
    });
  });
  const ended = xvfb.exited.then(() => Promise.reject(new Error(`Xvfb ended:\n${xvfb.output}`)));
  const name = await within(Promise.race([number, ended]), 20_000, () => 'Xvfb is not ready');
  // It serves all browsers of this process and goes with it.
  for (const handle of [xvfb.child, ...xvfb.child.stdio.slice(2)]) handle.unref();
  return `:${name}`;
}

/**
 * The variables of the environment for a browser that has no headless mode: an Xvfb of our own if there is one,
 * so that no windows pop up, else the desktop.
 */
export async function displayVariables(path) {
  if (path.endsWith('the desktop')) return {};
  display ??= startXvfb(path);
  return {
    DISPLAY: await display,
    WAYLAND_DISPLAY: '',
    GDK_BACKEND: 'x11',
    NO_AT_BRIDGE: '1',
    GTK_A11Y: 'none',
  };
}
