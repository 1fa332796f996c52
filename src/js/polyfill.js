import { exposePausing } from './pausing.js';
import { install } from './ponyfill.js';
import { isBrowser } from './support.js';

install();
if (isBrowser()) exposePausing(self);
