import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { stubEnvironment } from '../support/functions/aws-environment.ts';
import { ALLOWLIST } from '../support/functions/enforce-ingress-function.ts';
import { type RemoteStore, startAppConfig, startSsm } from '../support/scripted/remote-allowlists.ts';
import { jsonError } from '../support/scripted/scripted-json-endpoint.ts';

const OTHER = `${ALLOWLIST}# another\n`;
const INVALID = 'version: 2\nrules: []\n';

/** What reads a store, with SDK clients of its own: a function after a cold start. */
async function readerOf(store: RemoteStore) {
  stubEnvironment(store.environment);
  vi.resetModules();
  const { allowlistSource } = await import('../../src/allowlist/allowlist-source.ts');
  let now = Date.parse('2026-11-23T12:00:00Z');
  const read = allowlistSource(() => now);
  return {
    read: () => read(store.location),
    wait: (seconds: number) => {
      now += seconds * 1000;
    },
    /** Why nothing can be read. */
    refusal: () => read(store.location).then(() => expect.unreachable('it was read'), String),
  };
}

describe.each([
  ['an SSM parameter', startSsm],
  ['AWS AppConfig', startAppConfig],
])('an allowlist in %s', (_, startStore) => {
  test('is read, and known by its hash', async () => {
    const { read } = await readerOf(await startStore(ALLOWLIST));

    expect(await read()).toMatchObject({
      allowlist: { rules: [{ id: 'web-to-sessions' }] },
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  test('is kept for a minute, without another look', async () => {
    const store = await startStore(ALLOWLIST);
    const { read, wait } = await readerOf(store);
    const first = await read();
    const calls = store.calls.length;

    wait(59);
    const second = await read();

    expect(second).toBe(first);
    expect(store.calls.length).toBe(calls);
  });

  test('is fetched once, however many ask at the same time', async () => {
    const store = await startStore(ALLOWLIST);
    const { read, wait } = await readerOf(store);
    const together = () => Promise.all(Array.from({ length: 20 }, read));

    const cold = await together();
    const calls = store.calls.length;
    store.hold(OTHER);
    wait(60);
    const later = await together();

    expect(new Set(cold).size).toBe(1);
    expect(new Set(later).size).toBe(1);
    expect(later[0]).not.toBe(cold[0]);
    expect(store.calls.length).toBe(calls + 1);
  });

  test('is looked at again after a minute, and stays what it is if it is unchanged', async () => {
    const store = await startStore(ALLOWLIST);
    const { read, wait } = await readerOf(store);
    const first = await read();
    const calls = store.calls.length;

    wait(60);
    const second = await read();

    expect(second.sha256).toBe(first.sha256);
    expect(second.staleBecause).toBeUndefined();
    expect(store.calls.length).toBe(calls + 1);
  });

  test('is the new one when it has changed', async () => {
    const store = await startStore(ALLOWLIST);
    const { read, wait } = await readerOf(store);
    const first = await read();

    store.hold(OTHER);
    wait(60);

    expect((await read()).sha256).not.toBe(first.sha256);
  });

  test.each([
    ['is not valid', INVALID, /:1:10: version: must be 1/],
    ['is empty of sense', 'null', /must be an allowlist/],
    [
      'is answered by an error',
      { instead: jsonError(400, 'AccessDeniedException', 'not for you') },
      /cannot be read: not for you/,
    ],
  ])('stays the last good one while it %s, says why, and is the new one once it is mended', async (_, broken, why) => {
    const store = await startStore(ALLOWLIST);
    const { read, wait } = await readerOf(store);
    const first = await read();

    store.hold(broken);
    wait(60);
    const stale = await read();
    const stillStale = await read();
    store.hold(OTHER);
    const mended = await read();

    expect(stale.sha256).toBe(first.sha256);
    expect(String(stale.staleBecause)).toMatch(why);
    expect(stillStale).toMatchObject({ sha256: first.sha256, staleBecause: expect.anything() });
    expect(mended.staleBecause).toBeUndefined();
    expect(mended.sha256).not.toBe(first.sha256);
  });

  test('is an error with its place when not all of it is UTF-8', async () => {
    const { refusal } = await readerOf(await startStore(Buffer.from(`# caf\u00e9\n${ALLOWLIST}`, 'latin1')));

    const refused = await refusal();

    expect(refused).toMatch(/is not a valid allowlist:\n {2}(ssm|appconfig):\S+:1:6: .*UTF-8/);
  });

  test.each([
    ['a page', '<html><body>Sign in</body></html>'],
    ['an empty body', ''],
    ['an empty JSON object', '{}'],
  ])('cannot be read, and stays the last good one, while a proxy answers with %s', async (_, body) => {
    const store = await startStore(ALLOWLIST);
    const { read, wait } = await readerOf(store);
    const first = await read();
    const cold = await readerOf(await startStore({ instead: { body } }));

    const refused = await cold.refusal();
    stubEnvironment(store.environment);
    store.hold({ instead: { body } });
    wait(60);
    const stale = await read();

    const why =
      /cannot be read: the answer to \w+ (cannot be read|has no \w+): check the endpoint and every proxy on the way/;
    expect(refused).toMatch(why);
    expect(stale.sha256).toBe(first.sha256);
    expect(String(stale.staleBecause)).toMatch(why);
  });

  test('stays the last good one while nobody answers', async () => {
    const store = await startStore(ALLOWLIST);
    const { read, wait } = await readerOf(store);
    const first = await read();

    await store.close();
    wait(60);
    const stale = await read();

    expect(stale.sha256).toBe(first.sha256);
    expect(String(stale.staleBecause)).toContain('ECONNREFUSED');
  });

  test.each([
    ['is missing', undefined, /cannot be read/],
    ['is not valid', INVALID, /is not a valid allowlist/],
    [
      'is answered by an error',
      { instead: jsonError(400, 'AccessDeniedException', 'not for you') },
      /cannot be read: not for you/,
    ],
  ])(
    'fails, and names it, when it %s and there is no good one yet; and is read once it is mended',
    async (_, held, why) => {
      const store = await startStore(held);
      const { read, refusal } = await readerOf(store);

      const refused = await refusal();
      store.hold(ALLOWLIST);

      expect(refused).toMatch(/^AllowlistError: /);
      expect(refused).toContain(store.location);
      expect(refused).toMatch(why);
      expect((await read()).staleBecause).toBeUndefined();
    },
  );
});

describe('an allowlist in AWS AppConfig', () => {
  test('is read on in a session that is new when AppConfig does not know the old one any more', async () => {
    const store = await startAppConfig(ALLOWLIST);
    const { read, wait } = await readerOf(store);
    const first = await read();

    store.forgetSessions();
    wait(60);
    const stale = await read();
    const after = await read();

    expect(String(stale.staleBecause)).toContain('Request token is invalid');
    expect(after).toMatchObject({ sha256: first.sha256 });
    expect(after.staleBecause).toBeUndefined();
  });

  test('is one profile of an application and an environment', async () => {
    const { allowlistSource } = await import('../../src/allowlist/allowlist-source.ts');
    const read = allowlistSource();

    for (const location of ['appconfig:', 'appconfig:a/b', 'appconfig:a/b/c/d', 'appconfig:a//c']) {
      await expect(read(location)).rejects.toThrow('write appconfig:APPLICATION/ENVIRONMENT/PROFILE');
    }
  });
});

test.each([
  ['an SSM that takes a call and never answers', startSsm, 'silence'],
  ['an SSM whose answer begins and does not go on', startSsm, 'half'],
  ['an AppConfig whose answer begins and does not go on', startAppConfig, 'half'],
] as const)('%s is given up on, long before a function’s time is over', async (_, startStore, instead) => {
  const store = await startStore(ALLOWLIST);
  const { read, wait } = await readerOf(store);
  await read();
  onTestFinished(() => store.close());

  store.hold({ instead });
  wait(60);
  const stale = await read();

  expect(String(stale.staleBecause)).toMatch(/timed? ?out|timeout|cannot be read/i);
});
