import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sharedOptions } from './capabilities.mjs';
import { WebDriverBrowser } from './webdriver.mjs';

export class Chromium extends WebDriverBrowser {
  async driverCommand(port) {
    // Left behind when a browser was killed; it names a process id that may be another program's by now.
    await rm(join(this.profile, 'SingletonLock'), { force: true });
    return { args: [`--port=${port}`], ready: /started successfully/ };
  }

  capabilities() {
    const { args, prefs } = sharedOptions('goog:chromeOptions');
    args.push('--headless=new', `--user-data-dir=${this.profile}`);
    // `performance.memory` is rounded and twenty minutes old without it.
    args.push('--enable-precise-memory-info');
    // Chromium's sandbox cannot be set up by root.
    if (process.getuid?.() === 0) args.push('--no-sandbox');
    return { browserName: 'chrome', 'goog:chromeOptions': { binary: this.paths.browser, args, prefs } };
  }

  /** A new window costs no more than to leave a page, and what DevTools did to the old one would stay with it. */
  giveBack(page) {
    return page.close();
  }
}
