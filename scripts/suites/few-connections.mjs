import { Agent, createServer, request } from 'node:http';
import { once } from 'node:events';

/**
 * Passes requests on over two connections, however many the browser opens. The server of wasm-bindgen's test runner (tiny_http 0.12)
 * hands a burst of connections to fewer threads than there are connections, and each thread stays with its own as long as that is
 * open: a page that loaded more than four modules at once waited for ever in one of five starts.
 */
export async function overFewConnections(port) {
  const agent = new Agent({ keepAlive: true, maxSockets: 2 });
  const server = createServer((incoming, answer) => {
    const { method, url: path, headers } = incoming;
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers, agent }, (response) => {
      answer.writeHead(response.statusCode, response.headers);
      response.pipe(answer);
    });
    outgoing.on('error', () => answer.destroy());
    incoming.pipe(outgoing);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    port: address.port,
    close() {
      server.close();
      server.closeAllConnections();
      agent.destroy();
    },
  };
}
