/**
 * Ends the address of the polyfill's own requests, which the app's worker does not see; PRIVATE_FRAGMENT in
 * src/web/requests.rs.
 */
export const PRIVATE_FRAGMENT = '#background-fetch-polyfill';
