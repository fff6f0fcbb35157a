import { describe, expect, test } from 'vitest';
import { type LocalEndpoint, startEndpoint } from '../support/local-aws/local-endpoint.ts';
import { expectSuccess } from '../support/scripted/answers.ts';
import { exchange, hangUpAfter, openSocket } from '../support/wire/raw-socket.ts';

const CREATE = 'Action=CreateCacheSecurityGroup&Version=2015-02-02';

async function expectToAnswer(endpoint: LocalEndpoint): Promise<void> {
  expectSuccess(await endpoint.call('DescribeCacheSecurityGroups'), 'DescribeCacheSecurityGroups');
}

test('a connection that a client keeps is not closed under it: the endpoint promises a minute', async () => {
  const endpoint = await startEndpoint({ credentials: undefined } as object);

  const response = await fetch(endpoint.url, { method: 'POST', body: CREATE });

  expect(response.headers.get('keep-alive')).toBe('timeout=60');
  await response.text();
});

describe('a connection that misbehaves', () => {
  const HALVES = [
    ['nothing', ''],
    ['half a request line', 'POST / HT'],
    ['half the headers', 'POST / HTTP/1.1\r\nHost: local\r\nContent-Len'],
    ['half the body', `POST / HTTP/1.1\r\nHost: local\r\nContent-Length: 1000\r\n\r\n${CREATE}`],
    ['half a chunk', 'POST / HTTP/1.1\r\nHost: local\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nAction'],
  ] as const;

  test.each(HALVES)('makes no call when it is dropped after %s', async (_, bytes) => {
    const endpoint = await startEndpoint({ credentials: undefined } as object);

    await hangUpAfter(endpoint.url, bytes);

    await expectToAnswer(endpoint);
    expect(endpoint.calls).toHaveLength(1);
  });

  test.each(HALVES)('is cut when the endpoint ends while it stands open after %s', async (_, bytes) => {
    const endpoint = await startEndpoint();
    const socket = await openSocket(endpoint.url);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.resume();
    if (bytes !== '') socket.write(bytes);
    await expectToAnswer(endpoint);

    await endpoint.close();
    await closed;
  });

  test.each([
    ['random bytes', Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 7919) % 256))],
    ['zeros', Buffer.alloc(70_000)],
    ['the beginning of TLS', Buffer.from('16030100c8010000c40303', 'hex')],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['HTTP/9.9', 'GET / HTTP/9.9\r\n\r\n'],
    ['no host', 'GET / HTTP/1.1\r\n\r\n'],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a length below zero', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n'],
    ['endless headers', `GET / HTTP/1.1\r\nHost: a\r\n${'X: y\r\n'.repeat(20_000)}\r\n`],
    ['an endless address', `GET /?${'x'.repeat(100_000)} HTTP/1.1\r\nHost: a\r\n\r\n`],
    ['a tunnel', 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n'],
  ])('is closed, and nothing more, when it brings %s', async (_, bytes) => {
    const endpoint = await startEndpoint();

    const received = await exchange(endpoint.url, bytes);

    expect(received).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
    await expectToAnswer(endpoint);
  });

  test.each([
    [
      'an upgrade to a WebSocket',
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n',
    ],
    ['HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n'],
    ['the whole address', 'GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n'],
    ['an asterisk', 'OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'],
    [
      'a request for 100-continue',
      `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na`,
    ],
  ])('has an error in XML for an answer when it brings %s', async (_, bytes) => {
    const { url } = await startEndpoint();

    const received = await exchange(url, bytes);

    expect(received).toMatch(/HTTP\/1\.1 40\d .*<ErrorResponse /s);
  });
});
