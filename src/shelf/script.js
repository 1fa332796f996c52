/** The script tag: the element is registered. */
import { defineShelf } from './index.js';

defineShelf();
