import './force.js';
import 'background-fetch-polyfill';
import { startPage } from './page/start.js';

startPage();
