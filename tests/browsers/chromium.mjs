import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { WebDriverBrowser } from './webdriver.mjs';

const FLAGS = [
  '--headless=new',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-extensions',
  '--disable-sync',
  '--disable-breakpad',
  '--password-store=basic',
  '--use-mock-keychain',
];

export class Chromium extends WebDriverBrowser {
  async driverCommand(port) {
    // Left behind when a browser was killed; it names a process id that may be another program's by now.
    await rm(join(this.profile, 'SingletonLock'), { force: true });
    return { args: [`--port=${port}`], ready: /started successfully/ };
  }

  capabilities() {
    const args = [...FLAGS, `--user-data-dir=${this.profile}`];
    // Chromium's sandbox cannot be set up by root.
    if (process.getuid?.() === 0) args.push('--no-sandbox');
    return {
      browserName: 'chrome',
      'goog:chromeOptions': {
        binary: this.paths.browser,
        args,
        // Else a second native background fetch from one page is refused.
        prefs: { 'profile.default_content_setting_values.automatic_downloads': 1 },
      },
    };
  }
}
