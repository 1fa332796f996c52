import { Firefox } from './firefox.mjs';

/** Firefox with private windows only, which have service workers since 138. Nothing outlives the browser. */
export class FirefoxPrivate extends Firefox {
  capabilities() {
    const capabilities = super.capabilities();
    capabilities['moz:firefoxOptions'].prefs['browser.privatebrowsing.autostart'] = true;
    return capabilities;
  }
}
