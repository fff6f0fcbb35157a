import fc from 'fast-check';
import { expect, test } from 'vitest';
import { startCommand } from '../support/commands/run-command.ts';
import { STRANGER } from '../support/examples/grants.ts';
import { FORGED, hostileText, mutatedText } from '../support/examples/hostile.ts';
import { eventually } from '../support/time/eventually.ts';
import { harmless, times } from '../support/tools/fuzz.ts';
import { exchange } from '../support/wire/raw-socket.ts';
import { encodeForm } from '../support/wire/sign.ts';

const SECRET = 'SECRET-KEY-OF-THE-CONSOLE';
/** What HTTP, the API and the console answer. Not 500: that would be a defect of ours. */
const STATUSES = ['100', '200', '400', '403', '404', '405', '413', '417', '431'];

const GRANT = { CacheSecurityGroupName: 'default', EC2SecurityGroupName: 'web', EC2SecurityGroupOwnerId: STRANGER };
const FORMS = [
  { Action: 'AuthorizeCacheSecurityGroupIngress', ...GRANT },
  { Action: 'RevokeCacheSecurityGroupIngress', ...GRANT },
  { Action: 'DescribeCacheSecurityGroups', MaxRecords: '20', Marker: 'YWZ0ZXI6YQ' },
  { Action: 'CreateCacheSecurityGroup', CacheSecurityGroupName: 'a', Description: 'b', 'Tags.Tag.1.Key': 'c' },
  { Action: 'DeleteCacheSecurityGroup', CacheSecurityGroupName: 'a' },
];

/** Any of the forms, in which one value is another. */
const form = fc.tuple(fc.constantFrom(...FORMS), hostileText, fc.nat()).map(([members, text, at]) => {
  const names = Object.keys(members);
  return { ...members, Version: '2015-02-02', [names[at % names.length] as string]: text.toWellFormed() };
});

/** A request as it is on the wire. */
function onTheWire(start: string, headers: readonly string[], body = ''): string {
  const lines = [
    `${start} HTTP/1.1`,
    ...headers,
    ...(body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

const PIECES = [
  '\r\n',
  '\n',
  ': ',
  'HTTP/1.1',
  'GET ',
  'POST ',
  '&',
  '=',
  '%',
  '%00',
  '?',
  '/',
  '..',
  '/console/',
  'Transfer-Encoding: chunked\r\n',
  'Content-Length: 5\r\n',
  'Expect: 100-continue\r\n',
  'Connection: close\r\n',
  '\u0000',
];

test('whatever bytes come, the local AWS answers as it should, goes on, and tells of it in short and printable lines', async () => {
  const options = ['--port', '0', '--no-auth', '--no-enforcer', '--secret-access-key', SECRET];
  const local = startCommand(['local', ...options]);
  await eventually(local.stdout).toMatch(/^ready /);
  const url = local.stdout().trim().replace('ready ', '');
  const { host } = new URL(url);
  const own = [`Host: ${host}`, `Origin: ${url}`];
  const whole = form.map((members) => {
    const body = encodeForm(members);
    return [
      onTheWire('POST /', own, body),
      onTheWire(`GET /?${body}`, own),
      onTheWire('POST /console/calls?account=123456789012&region=us-east-1&service=elasticache', own, body),
      onTheWire('GET /', [...own, 'Accept: text/html']),
      onTheWire('GET /console/console.js', own),
      onTheWire('GET /console/events', own),
      onTheWire('GET /console/undo?entry=1&decided=0', own),
    ];
  });
  const request = whole.chain((requests) => fc.oneof(fc.constantFrom(...requests), mutatedText(requests, PIECES)));
  const seen = new Set<string>();
  const told = local.stderr().length;

  await fc.assert(
    fc.asyncProperty(request, (bytes) =>
      harmless(async () => {
        const received = await exchange(url, bytes);

        const statuses = [...received.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status as string);
        for (const status of statuses) seen.add(status);
        expect(received === '' || received.startsWith('HTTP/1.1 ')).toBe(true);
        expect(STATUSES).toEqual(expect.arrayContaining(statuses));
        for (const never of [SECRET, 'The local AWS failed', '\n    at ']) expect(received).not.toContain(never);
      }),
    ),
    times(1_000),
  );

  expect([...seen]).toEqual(expect.arrayContaining(['200', '400']));
  expect(await exchange(url, onTheWire('GET /?Action=DescribeCacheSecurityGroups&Version=2015-02-02', own))).toMatch(
    /^HTTP\/1\.1 200 /,
  );
  for (const line of local.stderr().slice(told).split('\n').slice(0, -1)) {
    expect(line).toMatch(/^[ -~]{1,430}$/);
    expect(line).not.toMatch(new RegExp(`^${FORGED}`));
  }
});
