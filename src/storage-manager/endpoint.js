import { Problem } from './problem.js';

const METHODS = ['GET', 'POST', 'DELETE', 'PATCH'];
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;

/**
 * The HTTP API: what the sets are (GET), store one (POST), change one (PATCH), remove one or all (DELETE). Bodies are JSON; a
 * failure is a problem of [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457).
 *
 * A form of another site may navigate to the endpoint. It can send no JSON, and navigations change nothing.
 *
 * @param {Pick<FetchEvent, 'request' | 'clientId'>} event
 * @param {import('./stored-sets.js').StoredSets} sets
 * @returns {Promise<Response>}
 */
export async function answerRequest({ request, clientId }, sets) {
  try {
    return toJson(await perform(request, clientId, sets));
  } catch (error) {
    const problem = error instanceof Problem ? error : new Problem(500, String(error?.message ?? error));
    return problem.toResponse();
  }
}

/**
 * @param {Request} request
 * @param {string} clientId
 * @param {import('./stored-sets.js').StoredSets} sets
 */
async function perform(request, clientId, sets) {
  const { method } = request;
  if (method === 'GET') return [200, { sets: await sets.list(), storage: await sets.usage() }];
  if (!METHODS.includes(method)) {
    const allow = METHODS.join(', ');
    throw new Problem(405, `the methods are ${allow}`, {}, { allow });
  }
  if (request.mode === 'navigate') throw new Problem(403, 'a navigation changes nothing');
  const { id, ...rest } = await bodyOf(request);
  if (method === 'DELETE' && id === undefined) {
    await sets.clear();
    return [200, {}];
  }
  if (typeof id !== 'string') throw new Problem(400, 'id: expected a string');
  if (method === 'DELETE') await sets.remove(id);
  if (method === 'PATCH') await change(id, rest, sets);
  return method === 'POST' ? [202, await sets.store(id, clientId)] : [200, {}];
}

/**
 * @param {string} id
 * @param {{ paused?: unknown, pinned?: unknown }} members
 * @param {import('./stored-sets.js').StoredSets} sets
 */
async function change(id, { paused, pinned }, sets) {
  if (paused === undefined && pinned === undefined) throw new Problem(400, 'expected paused or pinned');
  for (const [name, value] of Object.entries({ paused, pinned })) {
    if (value !== undefined && typeof value !== 'boolean')
      throw new Problem(400, `${name}: expected a boolean`);
  }
  if (paused !== undefined) await sets.pause(id, paused === true);
  if (pinned !== undefined) await sets.pin(id, pinned === true);
}

/**
 * @param {Request} request
 * @returns {Promise<any>}
 */
async function bodyOf(request) {
  const text = await request.text();
  // What has no body has no type, and needs none: only the app's own pages can send it.
  if (text === '' && request.method === 'DELETE') return {};
  if (!JSON_TYPE.test(request.headers.get('content-type') ?? '')) {
    throw new Problem(415, 'expected the content type application/json', {}, { accept: 'application/json' });
  }
  try {
    const body = JSON.parse(text);
    if (body && typeof body === 'object' && !Array.isArray(body)) return body;
  } catch {
    // As is told below.
  }
  throw new Problem(400, 'expected a JSON object');
}

/** @param {(number | object)[]} answer */
function toJson([status, body]) {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  return new Response(JSON.stringify(body), { status: Number(status), headers });
}
