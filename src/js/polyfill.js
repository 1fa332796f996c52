import { exposePausing } from './pausing.js';
import { install } from './ponyfill.js';

install();
exposePausing(self);
