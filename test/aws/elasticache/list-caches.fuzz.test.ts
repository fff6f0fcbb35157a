import fc from 'fast-check';
import { expect, test } from 'vitest';
import { elastiCacheClient } from '../../../src/aws/elasticache/client.ts';
import { listCaches } from '../../../src/aws/elasticache/list-caches.ts';
import type { ListedCache } from '../../../src/policy/vpc/security-group-rule.ts';
import { REGION } from '../../support/examples/grants.ts';
import { credentials } from '../../support/local-aws/local-elasticache.ts';
import { expectSoundError, startOddEndpoint } from '../../support/scripted/odd-answers.ts';
import {
  type Content,
  damaged,
  hasDoubled,
  inside,
  type OddElement,
  oddElements,
  saidIn,
  toXml,
} from '../../support/scripted/odd-xml.ts';
import { type Answer, error } from '../../support/scripted/scripted-endpoint.ts';
import { harmless, times } from '../../support/tools/fuzz.ts';

const CLUSTERS = 'DescribeCacheClusters';
const SERVERLESS = 'DescribeServerlessCaches';
const NAME = /^[a-z0-9-]{1,255}$/;
const GROUP_ID = /^sg-[0-9a-z]{1,64}$/;
/** What listens on nothing, per AWS's documentation. */
const SILENT = /^(creating|create-failed|restore-failed|incompatible-network|deleting|deleted)$/i;

const name = fc.constantFrom('sessions', 'Carts', 'a-1', 'a'.repeat(256), '*');
const status = fc.constantFrom('available', 'available', 'CREATING', 'deleting', 'create-failed', 'a new state');
const groupId = fc.constantFrom('sg-0a', 'sg-0a', 'sg-0b', 'sg-0c', 'sgr-0a', '*');
const endpoint = oddElements({ Port: fc.constantFrom('6379', '6380', '7000', '0', '65536', '6379.5', '1e3', 'all') });
const someOf = (arbitrary: fc.Arbitrary<Content | undefined>, as: string) =>
  fc
    .array(arbitrary, { maxLength: 2 })
    .map((all) => all.map((content): OddElement => ({ name: as, content: content ?? '' })));

const cluster = oddElements({
  CacheClusterId: name,
  ReplicationGroupId: fc.constantFrom(undefined, undefined, 'group', 'Group'),
  CacheClusterStatus: status,
  SecurityGroups: someOf(oddElements({ SecurityGroupId: groupId, Status: fc.constant('active') }), 'member'),
  CacheNodes: someOf(oddElements({ Endpoint: endpoint }), 'CacheNode'),
  ConfigurationEndpoint: fc.oneof(endpoint, fc.constant(undefined)),
});
const serverlessCache = oddElements({
  ServerlessCacheName: name,
  Status: status,
  SecurityGroupIds: someOf(groupId, 'SecurityGroupId'),
  Endpoint: endpoint,
  ReaderEndpoint: fc.oneof(endpoint, fc.constant(undefined)),
});
const token = fc.constantFrom(undefined, undefined, undefined, '', 'a', 'a', 'b');
const pagesOf = (cache: fc.Arbitrary<readonly OddElement[]>) =>
  fc.array(fc.record({ caches: fc.array(cache, { maxLength: 3 }), next: token }), { minLength: 1, maxLength: 4 });
type Page = { readonly caches: readonly (readonly OddElement[])[]; readonly next: string | undefined };

function answer(action: string, list: string, member: string, marker: string) {
  return ({ caches, next }: Page): { readonly status: number; readonly xml: string } => {
    const result = toXml([
      { name: list, content: caches.map((content) => ({ name: member, content })) },
      ...(next === undefined ? [] : [{ name: marker, content: next }]),
    ]);
    return {
      status: 200,
      xml: `<${action}Response xmlns="http://elasticache.amazonaws.com/doc/2015-02-02/"><${action}Result>${result}</${action}Result></${action}Response>`,
    };
  };
}
const clustersAnswer = answer(CLUSTERS, 'CacheClusters', 'CacheCluster', 'Marker');
const serverlessAnswer = answer(SERVERLESS, 'ServerlessCaches', 'member', 'NextToken');

/** The pages up to the last one, and of them the caches. */
function cachesOf(pages: readonly Page[]): readonly (readonly OddElement[])[] {
  const last = pages.findIndex(({ next }, i) => !next || i === pages.length - 1);
  return pages.slice(0, last + 1).flatMap(({ caches }) => caches);
}

/** What is said of a cache, of either kind. Blank is as good as not there. */
function readPlainly(said: readonly OddElement[]) {
  const nodes = inside(inside(said, 'CacheNodes'), 'CacheNode');
  const endpoints = ['ConfigurationEndpoint', 'Endpoint', 'ReaderEndpoint'].flatMap((one) => inside(said, one));
  const ports = [...endpoints, ...inside(nodes, 'Endpoint')].filter((one) => one.name === 'Port');
  const groups = inside(inside(said, 'SecurityGroups'), 'member');
  const ids = saidIn([...groups, ...inside(said, 'SecurityGroupIds')], 'SecurityGroupId');
  const members = inside(said, 'SecurityGroups').length;
  return {
    names: ['ReplicationGroupId', 'CacheClusterId', 'ServerlessCacheName'].flatMap((one) => saidIn(said, one)),
    status: ['CacheClusterStatus', 'Status'].flatMap((one) => saidIn(said, one))[0] ?? '',
    ports: saidIn(ports, 'Port')
      .map(Number)
      .filter((port) => Number.isInteger(port) && port >= 1 && port <= 65_535),
    ids,
    isEachGroupSaid: ids.every((id) => GROUP_ID.test(id)) && (members === 0 || ids.length === members),
  };
}

function expectToBeSaid({ cacheName, securityGroupIds, ports, problem }: ListedCache, elements: readonly OddElement[]) {
  const said = readPlainly(elements);
  expect(said.ports).toEqual(expect.arrayContaining([...ports]));
  expect(said.ids).toEqual(expect.arrayContaining([...securityGroupIds]));
  for (const id of securityGroupIds) expect(id).toMatch(GROUP_ID);
  if (problem !== undefined) {
    expect(problem).toMatch(/^[ -~]{10,400}$/);
    expect(cacheName).toMatch(/^[ -~]{1,255}$/);
    return;
  }
  if (hasDoubled(elements, 'member', 'CacheNode', 'SecurityGroupId')) return;
  // Nothing is left out of one that can be judged.
  expect(cacheName).toMatch(NAME);
  expect(said.names.find((one) => one.trim() !== '')?.toLowerCase()).toBe(cacheName);
  expect([...ports]).toEqual([...new Set(said.ports)].sort((a, b) => a - b));
  expect(new Set(securityGroupIds)).toEqual(new Set(said.ids));
  expect(said.isEachGroupSaid).toBe(true);
  if (ports.length === 0) expect(said.status).toMatch(SILENT);
}

/** All that is listed, from an ElastiCache that answers so. */
async function listFrom(answers: Readonly<Record<string, readonly Answer[]>>) {
  await using odd = await startOddEndpoint(answers);
  const client = elastiCacheClient({ endpoint: odd.url, credentials, maxAttempts: 1, region: REGION });
  try {
    return await listCaches(client);
  } finally {
    client.destroy();
  }
}

test('whatever ElastiCache answers, each cache is what was said of it, or has a problem in a sentence, and the listing ends', async () => {
  const seen = new Set<string>();

  await fc.assert(
    fc.asyncProperty(pagesOf(cluster), pagesOf(serverlessCache), (clusters, serverless) =>
      harmless(async () => {
        const answers = { [CLUSTERS]: clusters.map(clustersAnswer), [SERVERLESS]: serverless.map(serverlessAnswer) };
        const listed = await listFrom(answers).catch((error: unknown) => {
          seen.add((error as Error).message.startsWith('the listing does not end') ? 'no end' : 'error');
          expectSoundError(error);
        });
        if (listed === undefined) return;
        const said = [...cachesOf(clusters), ...cachesOf(serverless)];
        expect(listed).toHaveLength(said.length);
        listed.forEach((cache, i) => {
          seen.add(cache.problem === undefined ? 'cache' : 'problem');
          expectToBeSaid(cache, said[i] as readonly OddElement[]);
        });
      }),
    ),
    times(250),
  );

  expect([...seen].sort()).toEqual(['cache', 'error', 'no end', 'problem']);
});

test("whatever is done to ElastiCache's answer on the way, it is read, or is an error", async () => {
  const onePage = (cache: fc.Arbitrary<readonly OddElement[]>) =>
    fc.record({ caches: fc.array(cache, { minLength: 1, maxLength: 2 }), next: token });
  const seen = new Set<string>();
  const answers = fc
    .tuple(
      onePage(cluster).chain((page) => damaged(clustersAnswer(page).xml)),
      fc.oneof(
        onePage(serverlessCache).chain((page) => damaged(serverlessAnswer(page).xml)),
        fc.constant(undefined),
      ),
      fc.constantFrom(200, 200, 200, 400, 403, 500, 501),
    )
    .map(([clusters, serverless, status]): Record<string, readonly Answer[]> => {
      const known = serverless === undefined ? error(400, 'InvalidAction') : { status, xml: serverless };
      return {
        [CLUSTERS]: [{ status: serverless === undefined ? 200 : status, xml: clusters }],
        [SERVERLESS]: [known],
      };
    });

  await fc.assert(
    fc.asyncProperty(answers, (given) =>
      harmless(async () => {
        try {
          for (const { cacheName, problem, securityGroupIds } of await listFrom(given)) {
            expect(cacheName).toMatch(/^[ -~]{1,255}$/);
            expect(problem ?? 'a good cache').toMatch(/^[ -~]{10,400}$/);
            for (const id of securityGroupIds) expect(id).toMatch(GROUP_ID);
          }
          seen.add('read');
        } catch (thrown) {
          expectSoundError(thrown);
          seen.add('error');
        }
      }),
    ),
    times(300),
  );

  expect([...seen].sort()).toEqual(['error', 'read']);
});
