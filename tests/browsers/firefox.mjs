import { WebDriverBrowser } from './webdriver.mjs';

const PREFERENCES = {
  'app.normandy.enabled': false,
  'app.update.enabled': false,
  'browser.aboutConfig.showWarning': false,
  'browser.newtabpage.enabled': false,
  'browser.region.network.url': '',
  'browser.safebrowsing.update.enabled': false,
  'browser.search.update': false,
  'browser.startup.homepage': 'about:blank',
  'browser.startup.page': 0,
  'browser.topsites.contile.enabled': false,
  'datareporting.healthreport.uploadEnabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'dom.push.connection.enabled': false,
  'extensions.getAddons.cache.enabled': false,
  'extensions.update.enabled': false,
  'media.gmp-manager.updateEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,#remote-settings-dummy/v1',
  'toolkit.telemetry.enabled': false,
  'toolkit.telemetry.server': '',
};

export class Firefox extends WebDriverBrowser {
  driverCommand(port) {
    const args = ['--host', '127.0.0.1', '--port', String(port), '--binary', this.paths.browser];
    return { args, ready: /Listening on/ };
  }

  capabilities() {
    return {
      browserName: 'firefox',
      'moz:firefoxOptions': {
        binary: this.paths.browser,
        args: ['-headless', '-profile', this.profile],
        prefs: PREFERENCES,
      },
    };
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
