import './force.js';
import 'background-fetch-polyfill';
import 'background-fetch-polyfill/shelf/define';
import { startPage } from './page/start.js';

startPage();
