import { WebKit } from './webkit.mjs';

/** WebKitGTK with an ephemeral session, as in Safari's private windows. */
export class WebKitPrivate extends WebKit {
  flags = ['--private'];

  /** Nothing is written, so there is nothing to wait for. */
  async hasStored() {
    return true;
  }
}
