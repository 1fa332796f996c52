/** One line about a request that the server saw, for the report of a failed test. */
export function requestLine({ at, method, url, range, status, sent, aborted, cut }) {
  const end = aborted ? ', aborted by the client' : cut ? ', cut' : '';
  return `${(at / 1000).toFixed(2)} s ${method} ${url} ${range ?? ''} -> ${status}, ${sent} bytes${end}`;
}
