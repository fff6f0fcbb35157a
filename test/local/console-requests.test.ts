import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { CreateReplicationGroupCommand, ElastiCacheClient } from '@aws-sdk/client-elasticache';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { EventStream } from '../../src/local/console/event-stream.ts';
import type { Entry, Step } from '../../src/local/console/messages.ts';
import { ACCOUNT, REGION, STRANGER } from '../support/examples/grants.ts';
import { allowlistFile } from '../support/functions/enforce-ingress-function.ts';
import { VPC_ALLOWLIST } from '../support/functions/enforce-security-group-function.ts';
import { startGuardedConsole } from '../support/local-aws/console.ts';
import { authorize, createGroup, ec2ClientFor, tcp } from '../support/local-aws/local-ec2.ts';
import { administratorOf, credentials } from '../support/local-aws/local-elasticache.ts';
import { times } from '../support/tools/fuzz.ts';

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends a request as it is: fetch would write Host, Origin and Sec-Fetch-Site itself. */
function send(url: string, headers: Readonly<Record<string, string>> = {}, method = 'GET', body = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, async (response) => {
      resolve({ status: response.statusCode, headers: response.headers, body: await text(response) });
    });
    sent.on('error', reject).end(body);
  });
}

const html = { accept: 'text/html,application/xhtml+xml' };
const CALLS = `/console/calls?account=${ACCOUNT}&region=${REGION}&service=elasticache`;
const AUTHORIZE = new URLSearchParams({
  Action: 'AuthorizeCacheSecurityGroupIngress',
  Version: '2015-02-02',
  CacheSecurityGroupName: 'default',
  EC2SecurityGroupName: 'web',
  EC2SecurityGroupOwnerId: STRANGER,
}).toString();

/** Reads the messages that a page gets, until it has one that fits. */
async function readMessage(url: string, fits: (data: Record<string, unknown>) => boolean) {
  const { body } = await fetch(`${url}/console/events`);
  let received = '';
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    received += chunk;
    for (const message of received.split('\n\n').slice(0, -1)) {
      const data = JSON.parse(message.slice(message.indexOf('data: ') + 'data: '.length));
      if (fits(data)) return data;
    }
  }
  throw new Error('the stream has ended');
}

describe('what the console answers', () => {
  test('is / for a browser; every other request to / stays with the API', async () => {
    const { aws } = await startGuardedConsole();

    expect((await send(`${aws.url}/`, html)).body).toContain('<title>Ingress Guard');
    expect((await send(`${aws.url}/?from=bookmark`, html)).body).toContain('<title>Ingress Guard');
    for (const { body } of [
      await send(`${aws.url}/`),
      await send(`${aws.url}/`, html, 'POST'),
      await send(`${aws.url}/?Action=DescribeCacheSecurityGroups&Version=2015-02-02`, html),
      await send(`${aws.url}/consoles`, html),
    ]) {
      expect(body).toContain('<ErrorResponse');
    }
    await administratorOf(aws.url).create();
    expect(aws.list(REGION).map((group) => group.CacheSecurityGroupName)).toEqual(['default', 'sessions']);
  });

  test('forbids the page everything but its own files', async () => {
    const { aws } = await startGuardedConsole();

    for (const path of ['/', '/console/console.js', '/console/console.css']) {
      const { status, headers } = await send(`${aws.url}${path}`, html);
      expect(status).toBe(200);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(String(headers['content-security-policy']).split('; ')).toEqual([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        'img-src data:',
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
      ]);
    }
  });

  test.each(['/console/', '/console/console.ts', '/console/../console/tsconfig.json', '/console/%2e%2e/package.json'])(
    'holds no other file: %s',
    async (path) => {
      const { aws } = await startGuardedConsole();

      expect((await send(`${aws.url}${path}`, html)).status).toBe(404);
    },
  );

  test.each(['attacker.example', 'attacker.example:4566', '127.0.0.1', '127.0.0.1:1'])(
    'is nothing under the name %j, which may lead here by DNS rebinding',
    async (host) => {
      const { aws } = await startGuardedConsole();
      const origin = `http://${host}`;

      for (const path of ['/', '/console/console.js', '/console/events']) {
        expect((await send(`${aws.url}${path}`, { ...html, host })).status).toBe(403);
      }
      const call = await send(`${aws.url}${CALLS}`, { host, origin }, 'POST', AUTHORIZE);
      expect(call.status).toBe(403);
      expect(aws.list(REGION)[0]?.EC2SecurityGroups).toEqual([]);
    },
  );

  test('is a call from its own page only, not from another site', async () => {
    const { aws } = await startGuardedConsole();
    const call = (headers: Readonly<Record<string, string>>) => send(`${aws.url}${CALLS}`, headers, 'POST', AUTHORIZE);

    for (const origin of ['http://attacker.example', 'null', 'http://localhost:1', `${aws.url}.attacker.example`]) {
      expect((await call({ origin })).status).toBe(403);
    }
    expect((await call({})).status).toBe(403);
    expect((await call({ origin: aws.url, 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await send(`${aws.url}/console/events`, { 'sec-fetch-site': 'same-site' })).status).toBe(403);
    expect(aws.list(REGION)[0]?.EC2SecurityGroups).toEqual([]);

    expect(JSON.parse((await call({ origin: aws.url })).body)).toMatchObject({ status: 200 });
    expect(aws.list(REGION)[0]?.EC2SecurityGroups).toMatchObject([{ EC2SecurityGroupName: 'web' }]);
  });

  test.each([
    ['another method than POST for a call', 'GET', CALLS, '', 405],
    ['another method than GET for a file', 'POST', '/console/console.js', '', 405],
    ['a region that is not there', 'POST', CALLS.replace(REGION, 'us-east-1%0d%0a'), AUTHORIZE, 400],
    ['an account that is not there', 'POST', CALLS.replace(ACCOUNT, STRANGER), AUTHORIZE, 400],
    ['a service that the page does not call', 'POST', CALLS.replace('elasticache', 'iam'), AUTHORIZE, 400],
    ['a decision that is not there', 'GET', '/console/undo?entry=7&decided=0', '', 404],
    ['a body over 1 MB', 'POST', CALLS, 'x'.repeat(1024 * 1024 + 1), 413],
  ])('is an error for %s', async (_, method, path, body, status) => {
    const { aws } = await startGuardedConsole();

    expect((await send(`${aws.url}${path}`, { origin: aws.url }, method, body)).status).toBe(status);
  });
});

describe('the stream of decisions', () => {
  test('begins with the last 200 for a late visitor, however many there were', async () => {
    const { aws } = await startGuardedConsole({ guard: { mode: 'report-only', allowlist: await allowlistFile() } });
    const administrator = administratorOf(aws.url);
    await administrator.create();
    const names = Array.from({ length: 230 }, (_, index) => `web-${index}`);
    for (const name of names) await administrator.authorize(name, STRANGER);
    await aws.idle();

    const { about, entries } = await readMessage(aws.url, (data) => 'about' in data);

    expect(about).toMatchObject({ accounts: [{ id: ACCOUNT }], regions: [REGION] });
    expect(entries.map(({ outcome, decided }: Entry) => [outcome, decided[0]?.source?.id])).toEqual(
      names.slice(-200).map((name) => ['would-revoke', name]),
    );
  });

  test('goes on from what a late visitor was shown first', async () => {
    const { aws } = await startGuardedConsole();
    const groups = aws.accounts.home.region(REGION)?.cacheSecurityGroups;
    const isShown = (name: string) => (data: Record<string, unknown>) => JSON.stringify(data).includes(`"${name}"`);
    await readMessage(aws.url, isShown('default'));
    // Behind the API's back: no one else is told.
    groups?.create('sessions', 'Sessions', []);
    const received: string[] = [];

    const gone = readMessage(aws.url, (data) => {
      received.push(JSON.stringify(data));
      return received.length > 1 && 'places' in data && !isShown('sessions')(data);
    });
    await expect.poll(() => received.length).toBe(1);
    expect(received[0]).toContain('"sessions"');
    await administratorOf(aws.url).delete();

    expect(await gone).toMatchObject({ places: [{ classic: [{ name: 'default' }] }] });
  });

  test('shows the way of what a new cache brought to light, without saying how long it stood', async () => {
    const allowlist = await allowlistFile(VPC_ALLOWLIST);
    const { aws } = await startGuardedConsole({ guard: { mode: 'enforce', allowlist } });
    const ec2 = ec2ClientFor(aws.url);
    const groupId = await createGroup(ec2);
    await authorize(ec2, groupId, tcp(6379, { IpRanges: [{ CidrIp: '192.0.2.0/24' }] }));
    await aws.idle();
    const elastiCache = new ElastiCacheClient({ region: REGION, endpoint: aws.url, credentials });
    onTestFinished(() => elastiCache.destroy());
    const cache = { ReplicationGroupId: 'sessions', ReplicationGroupDescription: 'Sessions', NumCacheClusters: 1 };
    await elastiCache.send(new CreateReplicationGroupCommand({ ...cache, SecurityGroupIds: [groupId] }));
    await aws.idle();

    const { entries } = await readMessage(aws.url, (data) => 'about' in data);

    expect(entries).toMatchObject([
      { title: 'AuthorizeSecurityGroupIngress', outcome: 'ignored' },
      { title: 'CreateReplicationGroup', outcome: 'revoked', decided: [{ cache: { name: 'sessions' } }] },
    ]);
    expect(entries[1].stoodMs).toBe(undefined);
    const kinds = entries[1].steps.map(({ kind }: Step) => kind);
    expect(kinds).toEqual(['call', 'record', 'event', 'start', 'revoked', 'answer']);
  });

  test('keeps waiting for the decision of an event that is lost', async () => {
    const guard = { mode: 'enforce', allowlist: await allowlistFile() } as const;
    const { aws } = await startGuardedConsole({ guard, dropEvents: true });
    const administrator = administratorOf(aws.url);
    await administrator.create();
    await administrator.authorize('web', STRANGER);
    await aws.idle();

    const { entries } = await readMessage(aws.url, (data) => 'about' in data);

    expect(entries).toMatchObject([{ title: 'AuthorizeCacheSecurityGroupIngress', outcome: 'waiting', decided: [] }]);
    expect(entries[0].steps.map(({ kind }: Step) => kind)).toEqual(['call', 'record']);
  });

  test('holds its memory and stays readable, whatever functions print', async () => {
    const { aws } = await startGuardedConsole({ guard: { mode: 'enforce', allowlist: await allowlistFile() } });
    const line = fc
      .record(
        {
          message: fc.constant('decision'),
          outcome: fc.oneof(fc.constantFrom('revoked', 'allowed'), fc.string()),
          eventId: fc.anything(),
          function_request_id: fc.anything(),
          grant: fc.oneof(
            fc.anything(),
            fc.record({ target: fc.record({ cacheName: fc.string() }), source: fc.anything() }),
          ),
          decision: fc.anything(),
          securityGroupRule: fc.anything(),
        },
        { requiredKeys: ['message'] },
      )
      .map((members) => JSON.stringify(members, (_, value) => (typeof value === 'bigint' ? String(value) : value)));
    const printed = fc.oneof(line, fc.string(), fc.constant('{"message":"decision","outcome":'));

    fc.assert(
      fc.property(printed, (text) => {
        aws.events.emit('output', { functionName: 'enforceSecurityGroup', line: text });
      }),
      times(500),
    );

    const { entries } = await readMessage(aws.url, (data) => 'about' in data);
    expect(entries.length).toBeGreaterThan(0);
    expect(entries.length).toBeLessThanOrEqual(200);
  });

  test('drops a page that does not read, and goes on for the others', async () => {
    const stream = new EventStream();
    const server = createServer((_, response) => stream.add(response, 'state', {})).listen(0, '127.0.0.1');
    onTestFinished(() => {
      stream.close();
      server.closeAllConnections();
      server.close();
    });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const reader = await fetch(`http://127.0.0.1:${port}/`);
    const sleeper = connect(port, '127.0.0.1').pause();
    onTestFinished(() => void sleeper.destroy());
    sleeper.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    await expect.poll(() => stream.clients).toBe(2);

    const chunks = reader.body?.getReader();
    for (let sent = 0; sent < 64 && stream.clients === 2; sent++) {
      stream.send('change', 'x'.repeat(1024 * 1024));
      for (let read = 0; read < 1024 * 1024; ) read += (await chunks?.read())?.value?.length ?? 0;
    }

    await expect.poll(() => stream.clients).toBe(1);
  });
});
