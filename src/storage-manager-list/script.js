/** The script tag: the element is registered. */
import { defineStorageManagerList } from './index.js';

defineStorageManagerList();
