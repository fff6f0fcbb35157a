import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An HTTP server on loopback. */
export interface LoopbackServer {
  /** For example `http://127.0.0.1:4566`. */
  readonly url: string;
  /** Cuts the connections that there are, and ends. */
  close(): Promise<void>;
}

/**
 * Starts an HTTP server on loopback. Port 0 takes any free one.
 *
 * @throws if the port is taken.
 */
export async function startLoopbackServer(port: number, onRequest: RequestListener): Promise<LoopbackServer> {
  const server = createServer(onRequest);
  // Node closes a connection after five idle seconds. A client that sends at that moment gets ECONNRESET, and on a busy machine each of
  // its tries can meet such a connection.
  server.keepAliveTimeout = 60_000;
  // Half a request stays for as long as Node lets it: on a busy machine, a whole one can wait for its turn for many seconds.
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
