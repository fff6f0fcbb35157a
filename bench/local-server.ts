// The server side of bench/local.ts, in a process of its own: the local ElastiCache with so many groups, or, for `fixed`, the
// same HTTP server answering a fixed body. Says where it listens on its first line.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startApiEndpoint } from '../src/local/api-endpoint.ts';
import { systemClock } from '../src/local/clock.ts';
import { CREDENTIALS, createGroups, FIXED_BODY, REGION } from './local-load.ts';

const [kind = 'fixed'] = process.argv.slice(2);
if (kind === 'fixed') {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'text/xml', 'content-length': FIXED_BODY.length });
      response.end(FIXED_BODY);
    });
  });
  server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
} else {
  const groups = Number(kind);
  const settings = { port: 0, accountId: '123456789012', regions: [REGION], transitionMs: 0, quota: groups };
  const { url } = await startApiEndpoint({ ...settings, credentials: CREDENTIALS }, systemClock(), () => {});
  await createGroups(url, groups);
  console.log(url);
}
