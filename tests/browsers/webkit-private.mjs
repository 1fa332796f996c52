import { displayVariables } from './display.mjs';
import { WebDriverBrowser } from './webdriver.mjs';

/** WebKitGTK under its WebDriver, whose sessions are always ephemeral: what Safari's private windows do. */
export class WebKitPrivate extends WebDriverBrowser {
  async driverCommand(port) {
    const env = await displayVariables(this.paths.display);
    // WebKit's sandbox cannot be set up by root, nor in most containers.
    env.WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS = '1';
    return { args: [`--port=${port}`, '--host=127.0.0.1'], env };
  }

  capabilities() {
    return {
      browserName: 'MiniBrowser',
      'webkitgtk:browserOptions': { binary: this.paths.browser, args: ['--automation'] },
    };
  }
}
