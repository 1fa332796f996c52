import { setTimeout as delay } from 'node:timers/promises';
import { FixedContent, RandomContent, RepeatedContent } from './content.mjs';
import { planResponse } from './plan.mjs';
import { RateLimiter } from './rate-limiter.mjs';
import { sendBody } from './send-body.mjs';

// These get other arguments than (request, n), or mean something as functions.
const FUNCTIONS = new Set(['contentRange', 'bodyRange', 'script']);

/** A path of the test server and its programmed behaviour; see README.md for the options. */
export class ServedFile {
  #path;
  #requests = 0;
  #openGate;
  #gate = new Promise((resolve) => {
    this.#openGate = resolve;
  });

  constructor(path, options) {
    this.#path = path;
    this.options = options;
  }

  /** Changes some options, for running responses only `throttle`. */
  update(options) {
    Object.assign(this.options, options);
    return this;
  }

  /** Lets the responses go on that `stallAfter` holds, and all later ones. */
  release() {
    this.#openGate();
  }

  resetCount() {
    this.#requests = 0;
  }

  contentFor({ body, seed = this.#path, size = 0, endless, repeats }) {
    if (body !== undefined) return new FixedContent(body);
    if (repeats) return new RepeatedContent('repeated', size);
    return new RandomContent(seed, endless ? Infinity : size);
  }

  #optionsFor(request) {
    const n = this.#requests++;
    const scripted = this.options.script?.(request, n) ?? {};
    const merged = { ...this.options, ...scripted };
    for (const [name, value] of Object.entries(merged)) {
      if (typeof value === 'function' && !FUNCTIONS.has(name)) merged[name] = value(request, n);
    }
    // A live rate, so that a test can start a slow transfer, look at it, and then let it finish at full speed.
    const ownRate = 'throttle' in scripted ? () => merged.throttle : () => this.options.throttle;
    return { ...merged, throttle: ownRate };
  }

  async respond(request, response, { record, limiter, signal, changed }) {
    const options = this.#optionsFor(request);
    if (options.never) return;
    if (options.delay) await delay(options.delay, undefined, { signal });

    const cut = () => {
      record.cut = true;
      // There is none any more when the client was faster.
      if (options.reset) response.socket?.resetAndDestroy();
      else response.socket?.destroy();
    };
    if (options.cutHeaders === 'middle') {
      response.socket?.write('HTTP/1.1 200 OK\r\nContent-Type: application/octet-st', cut);
      return;
    }
    if (options.cutHeaders) {
      cut();
      return;
    }

    const content = this.contentFor(options);
    const plan = planResponse(request, this.#path, options, content);
    Object.assign(record, { status: plan.status, responseHeaders: plan.headers });
    if (options.longer) response.shouldKeepAlive = false;
    if (options.untilClose) {
      response.shouldKeepAlive = false;
      response.useChunkedEncodingByDefault = false;
    }
    response.writeHead(plan.status, plan.headers);
    changed();
    if (request.method === 'HEAD' || plan.end <= plan.start) {
      response.end();
      return;
    }
    // Without it the headers wait for the first body bytes, which may be held or slow.
    response.flushHeaders();

    const announced = plan.headers['content-length'] !== undefined;
    plan.end += (options.longer ?? 0) - (options.shorter ?? 0);
    const limiters = [new RateLimiter(options.throttle), limiter];
    const hold =
      options.stallAfter === undefined ? undefined : { after: options.stallAfter, gate: this.#held };
    const onSent = (bytes) => {
      record.sent += bytes;
      changed();
    };
    const whole = await sendBody(response, plan, {
      limiters,
      cutAfter: options.cutAfter,
      hold,
      signal,
      onSent,
    });
    // What was written must reach the kernel first, or `cutAfter` would cut earlier than it says.
    if (!whole || (options.shorter && announced)) response.write('', cut);
    else response.end();
  }

  #held = (signal) =>
    new Promise((resolve, reject) => {
      const leave = () => reject(signal.reason);
      signal.addEventListener('abort', leave, { once: true });
      this.#gate.then(() => {
        signal.removeEventListener('abort', leave);
        resolve();
      });
    });
}
