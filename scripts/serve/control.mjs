const LONGEST_BODY = 1000;
const LONGEST_OUTAGE = 60;
const FASTEST = 1e9;

/**
 * The knobs of the demo's line at /control: GET tells how they stand, POST turns them.
 *
 *     { "bytesPerSecond": 1000000 }   the speed that all assets share; 0 for no limit
 *     { "outageSeconds": 10 }         every connection is cut, and new ones as well for so long
 */
export class Control {
  #pace;
  #otherOrigin;
  #cut;
  #outageEnd = 0;

  /**
   * @param {object} options
   * @param {import('./pace.mjs').Pace} options.pace
   * @param {() => string} options.otherOrigin where the same assets are of another origin
   * @param {() => void} options.cut ends every open connection
   */
  constructor({ pace, otherOrigin, cut }) {
    this.#pace = pace;
    this.#otherOrigin = otherOrigin;
    this.#cut = cut;
  }

  get outage() {
    return performance.now() < this.#outageEnd;
  }

  async answer(request, response) {
    if (request.method === 'POST') {
      // Another site's page can send a POST as well; only the demo's own pages may turn the knobs.
      if (
        request.headers.origin !== undefined &&
        new URL(request.headers.origin).host !== request.headers.host
      ) {
        response.writeHead(403).end();
        return;
      }
      const wish = await readJson(request);
      if (wish === null) {
        response.writeHead(400).end();
        return;
      }
      this.#turn(wish, response);
    } else if (request.method !== 'GET') {
      response.writeHead(405, { allow: 'GET, POST' }).end();
      return;
    }
    const state = { bytesPerSecond: this.#pace.bytesPerSecond, otherOrigin: this.#otherOrigin() };
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(JSON.stringify(state));
  }

  #turn({ bytesPerSecond, outageSeconds }, response) {
    if (Number.isInteger(bytesPerSecond) && bytesPerSecond >= 0) {
      this.#pace.bytesPerSecond = Math.min(bytesPerSecond, FASTEST);
    }
    if (typeof outageSeconds === 'number' && outageSeconds > 0) {
      const length = Math.min(outageSeconds, LONGEST_OUTAGE) * 1000;
      // The answer to this very request has to get through first.
      response.once('finish', () => {
        this.#outageEnd = performance.now() + length;
        setTimeout(this.#cut, 50).unref();
      });
    }
  }
}

async function readJson(request) {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
    if (text.length > LONGEST_BODY) return null;
  }
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}
