/** One line about a request that the server saw, for the report of a failed test. */
export function requestLine({ method, url, range, status, sent, aborted, cut }) {
  const end = aborted ? ', aborted by the client' : cut ? ', cut' : '';
  return `${method} ${url} ${range ?? ''} -> ${status}, ${sent} bytes${end}`;
}
