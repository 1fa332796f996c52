import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sharedOptions } from './capabilities.mjs';
import { WebDriverBrowser } from './webdriver.mjs';

export class Firefox extends WebDriverBrowser {
  driverCommand(port) {
    const args = ['--host', '127.0.0.1', '--port', String(port), '--binary', this.paths.browser];
    return { args, ready: /Listening on/ };
  }

  capabilities() {
    const { prefs } = sharedOptions('moz:firefoxOptions');
    // In KiB, of all origins together; one gets a fifth, and no less than 10 MiB.
    if (this.quota) prefs['dom.quotaManager.temporaryStorage.fixedLimit'] = (5 * this.quota) / 1024;
    const args = ['-headless', '-profile', this.profile];
    return { browserName: 'firefox', 'moz:firefoxOptions': { binary: this.paths.browser, args, prefs } };
  }

  async hasStored(scope) {
    const list = await readFile(join(this.profile, 'serviceworker.txt'), 'utf8').catch(() => '');
    return list.split('\n').includes(scope);
  }

  // Scripts of a WebDriver session run in a sandbox with an Array, an Error and a Promise of its own. A page whose
  // policy forbids eval has to live with that.
  inPageRealm(expression) {
    return `(() => {
      let own = () => ${expression};
      try { own = window.eval('() => ' + ${JSON.stringify(expression)}); } catch {}
      return own();
    })()`;
  }
}
