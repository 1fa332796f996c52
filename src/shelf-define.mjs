/** Entry point `background-fetch-polyfill/shelf/define`: registers `<background-fetch-shelf>`. */
import { defineShelf } from './shelf.mjs';

defineShelf();
