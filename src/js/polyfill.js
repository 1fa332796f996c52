import { install } from './ponyfill.js';

install();
