/**
 * Headers of the CORS protocol for a file's `cors` option: false (none), true (any origin, no credentials) or
 * `{origin, credentials, expose: [names], preflight}`, where `preflight: false` answers preflights without them.
 */
export function corsHeaders(cors, request) {
  if (!cors) return {};
  const { origin, credentials = false, expose = [] } = cors === true ? {} : cors;
  const headers = {
    'access-control-allow-origin': origin ?? (credentials ? (request.headers.origin ?? '*') : '*'),
  };
  if (credentials) headers['access-control-allow-credentials'] = 'true';
  if (expose.length > 0) headers['access-control-expose-headers'] = expose.join(', ');
  if (headers['access-control-allow-origin'] !== '*') headers.vary = 'Origin';
  return headers;
}

export function isPreflight(request) {
  return request.method === 'OPTIONS' && 'access-control-request-method' in request.headers;
}

export function preflightHeaders(cors, request) {
  if (!cors || cors.preflight === false) return {};
  const headers = {
    ...corsHeaders(cors, request),
    'access-control-allow-methods': request.headers['access-control-request-method'],
  };
  const wanted = request.headers['access-control-request-headers'];
  if (wanted) headers['access-control-allow-headers'] = wanted;
  return headers;
}
