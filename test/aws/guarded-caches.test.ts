import { describe, expect, test } from 'vitest';
import type { CacheOfElastiCache } from '../../src/aws/elasticache/list-caches.ts';
import { listGuardedCaches } from '../../src/aws/guarded-caches.ts';

const listed = { cacheName: 'sessions', securityGroupIds: ['sg-0a'], ports: [6379] };
const NONE = 'ElastiCache lists no security group of it';
const jobs = {
  cacheName: 'jobs',
  securityGroupIds: [],
  ports: [11211],
  unknownGroups: NONE,
  unlisted: { kind: 'cluster', clusterId: 'jobs' },
} as const;
const member = { ...jobs, cacheName: 'carts', unlisted: { kind: 'cluster', clusterId: 'carts-001' } } as const;
const serverless = {
  cacheName: 'prices',
  securityGroupIds: [],
  ports: [6379],
  unknownGroups: NONE,
  unlisted: { kind: 'serverless' },
} as const;

/** Lists these, and counts how often network interfaces are asked for. */
async function listOf(caches: readonly CacheOfElastiCache[], groups: Record<string, string[]> | Error = {}) {
  let asked = 0;
  const guarded = await listGuardedCaches(
    async () => caches,
    async () => {
      asked++;
      if (groups instanceof Error) throw groups;
      return new Map(Object.entries(groups));
    },
  );
  return { guarded, asked };
}

describe('a cluster of which ElastiCache lists no security group', () => {
  test('is guarded by those of its network interfaces, which are asked for once for all of them', async () => {
    const found = { jobs: ['sg-0b'], 'carts-001': ['sg-0c', 'sg-0d'], sessions: ['sg-0e'] };

    const { guarded, asked } = await listOf([listed, jobs, member], found);

    expect(guarded).toEqual([
      listed,
      { cacheName: 'jobs', securityGroupIds: ['sg-0b'], ports: [11211] },
      { cacheName: 'carts', securityGroupIds: ['sg-0c', 'sg-0d'], ports: [11211] },
    ]);
    expect(asked).toBe(1);
  });

  test('says why its groups are not known, and what to do, if it has no network interface', async () => {
    const { guarded } = await listOf([listed, jobs, member], { sessions: ['sg-0e'] });

    expect(guarded).toEqual([
      listed,
      {
        cacheName: 'jobs',
        securityGroupIds: [],
        ports: [11211],
        unknownGroups:
          'which security groups guard it is not known: ElastiCache lists none, and EC2 shows no network ' +
          "interface of ElastiCache's that is described as `ElastiCache jobs`. Name its security groups: aws elasticache " +
          'modify-cache-cluster --security-group-ids',
      },
      expect.objectContaining({
        cacheName: 'carts',
        unknownGroups: expect.stringMatching(/^which security groups guard its cluster `carts-001` is not known: /),
      }),
    ]);
  });

  test('says so if its network interfaces cannot be read, and the other caches are listed', async () => {
    const refused = Object.assign(new Error('You are not\nauthorized.'), { name: 'UnauthorizedOperation' });

    const { guarded } = await listOf([listed, jobs], refused);

    expect(guarded).toEqual([
      listed,
      expect.objectContaining({
        cacheName: 'jobs',
        unknownGroups:
          'which security groups guard it is not known: ElastiCache lists none, and its network ' +
          'interfaces could not be read (UnauthorizedOperation: You are not?authorized.). Allow ec2:DescribeNetworkInterfaces',
      }),
    ]);
  });
});

test('a serverless cache of which ElastiCache lists no security group is not guessed at', async () => {
  const { guarded, asked } = await listOf([serverless], { prices: ['sg-0a'] });

  expect(guarded).toEqual([
    {
      cacheName: 'prices',
      securityGroupIds: [],
      ports: [6379],
      unknownGroups:
        'which security groups guard it is not known: ElastiCache lists none, and EC2 does not say which VPC endpoint is its own. ' +
        'Name its security groups: aws elasticache modify-serverless-cache --security-group-ids',
    },
  ]);
  expect(asked).toBe(0);
});

test('a cache of which a security group cannot be read stays as it is', async () => {
  const unreadable = { ...listed, problem: 'an id is wrong', unknownGroups: 'an id is wrong' };

  const { guarded } = await listOf([unreadable], { sessions: ['sg-0b'] });

  expect(guarded).toEqual([unreadable]);
});

test('no network interface is asked for where ElastiCache lists the groups of every cache', async () => {
  const { guarded, asked } = await listOf([listed, { ...listed, cacheName: 'pages' }]);

  expect(guarded).toEqual([listed, { ...listed, cacheName: 'pages' }]);
  expect(asked).toBe(0);
});
