// The ponyfill is a module of its own, so that a page that imports both has one polyfill.
import { install } from './ponyfill.mjs';

export { isPaused, isWaitingForNetwork, pause, resume } from './ponyfill.mjs';

install();
