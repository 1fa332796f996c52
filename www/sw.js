import './force.js';
import 'background-fetch-polyfill/service-worker';
import './worker/background-fetch-events.js';
import './worker/routes.js';
