// The ponyfill is a module of its own, so that a page that imports both has one polyfill.
import { install } from './ponyfill.inline.mjs';

export { isPaused, isWaitingForNetwork, pause, resume } from './ponyfill.inline.mjs';

install();
