import {
  CreateCacheClusterCommand,
  CreateReplicationGroupCommand,
  CreateServerlessCacheCommand,
  DeleteCacheClusterCommand,
} from '@aws-sdk/client-elasticache';
import { describe, expect, test } from 'vitest';
import { elastiCacheClient } from '../../../src/aws/elasticache/client.ts';
import { listCaches } from '../../../src/aws/elasticache/list-caches.ts';
import { REGION } from '../../support/examples/grants.ts';
import { startWithSecurityGroups } from '../../support/local-aws/caches.ts';
import { credentials } from '../../support/local-aws/local-elasticache.ts';
import { type Answer, error, found, startScriptedEndpoint } from '../../support/scripted/scripted-endpoint.ts';

const GROUP = 'sg-0a1b2c3d4e5f60001';

function list(url: string, abortSignal?: AbortSignal) {
  return listCaches(elastiCacheClient({ endpoint: url, credentials, maxAttempts: 1, region: REGION }), abortSignal);
}

/** An endpoint that has one cluster, of which these elements are told, and no serverless cache. */
function withCluster(elements: string) {
  const groups = `<SecurityGroups><member><SecurityGroupId>${GROUP}</SecurityGroupId></member></SecurityGroups>`;
  const cluster = `<CacheCluster><CacheClusterId>sessions</CacheClusterId>${groups}${elements}</CacheCluster>`;
  return withClusters(cluster);
}

/** An endpoint that has these clusters, and no serverless cache. */
function withClusters(clusters: string) {
  const described = found('DescribeCacheClusters', `<CacheClusters>${clusters}</CacheClusters>`);
  return startByAction({ DescribeCacheClusters: described });
}

const node = (port: unknown) =>
  `<CacheNodes><CacheNode><Endpoint><Port>${port}</Port></Endpoint></CacheNode></CacheNodes>`;

describe('the caches of a region', () => {
  test('are listed with their security groups and the ports that they listen on', async () => {
    const { url, sdk, web, batch } = await startWithSecurityGroups({ creatingMs: 0 });
    await sdk.send(
      new CreateCacheClusterCommand({
        CacheClusterId: 'Sessions',
        Engine: 'redis',
        Port: 7000,
        SecurityGroupIds: [web, batch],
      }),
    );
    const memcached = { CacheClusterId: 'pages', Engine: 'memcached', NumCacheNodes: 3, SecurityGroupIds: [web] };
    await sdk.send(new CreateCacheClusterCommand(memcached));
    await sdk.send(
      new CreateReplicationGroupCommand({
        ReplicationGroupId: 'Carts',
        ReplicationGroupDescription: 'carts',
        NumCacheClusters: 2,
        Port: 6380,
        SecurityGroupIds: [batch],
      }),
    );
    const serverless = { ServerlessCacheName: 'prices', Engine: 'valkey', SecurityGroupIds: [web] };
    await sdk.send(new CreateServerlessCacheCommand(serverless));

    const caches = await list(url);

    const carts = { cacheName: 'carts', securityGroupIds: [batch], ports: [6380] };
    expect(caches).toEqual([
      { ...carts, clusterName: 'carts-001' },
      { ...carts, clusterName: 'carts-002' },
      { cacheName: 'pages', securityGroupIds: [web], ports: [11211] },
      { cacheName: 'sessions', securityGroupIds: [web, batch], ports: [7000] },
      { cacheName: 'prices', securityGroupIds: [web], ports: [6379, 6380] },
    ]);
  });

  test('are listed, over as many pages as there are', async () => {
    const { url, sdk, web, calls } = await startWithSecurityGroups({ creatingMs: 0 });
    const names = Array.from({ length: 120 }, (_, index) => `cache-${String(index).padStart(3, '0')}`);
    for (const name of names) {
      const guarded = { Engine: 'redis', SecurityGroupIds: [web] };
      await sdk.send(new CreateCacheClusterCommand({ CacheClusterId: name, ...guarded }));
      await sdk.send(new CreateServerlessCacheCommand({ ServerlessCacheName: `serverless-${name}`, ...guarded }));
    }
    const before = calls.length;

    const caches = await list(url);

    expect(caches.map(({ cacheName }) => cacheName)).toEqual([...names, ...names.map((name) => `serverless-${name}`)]);
    const made = calls.slice(before).map(({ action }) => action);
    expect(made.sort()).toEqual([
      ...Array<string>(2).fill('DescribeCacheClusters'),
      ...Array<string>(3).fill('DescribeServerlessCaches'),
    ]);
  });

  test('are none where there are none', async () => {
    const { url } = await startWithSecurityGroups();

    expect(await list(url)).toEqual([]);
  });

  test('listen on nothing while they are created, and on their ports from then on', async () => {
    const { url, sdk, web, settle } = await startWithSecurityGroups();
    await sdk.send(
      new CreateCacheClusterCommand({ CacheClusterId: 'sessions', Engine: 'redis', SecurityGroupIds: [web] }),
    );
    const serverless = { ServerlessCacheName: 'prices', Engine: 'redis', SecurityGroupIds: [web] };
    await sdk.send(new CreateServerlessCacheCommand(serverless));

    const before = await list(url);
    settle();
    const after = await list(url);

    expect(before).toEqual([
      { cacheName: 'sessions', securityGroupIds: [web], ports: [], likelyPorts: [6379] },
      { cacheName: 'prices', securityGroupIds: [web], ports: [], likelyPorts: [6379] },
    ]);
    expect(after.map(({ ports }) => ports)).toEqual([[6379], [6379, 6380]]);
  });

  test('listen on nothing while they are deleted', async () => {
    const { url, sdk, web, settle } = await startWithSecurityGroups();
    await sdk.send(
      new CreateCacheClusterCommand({ CacheClusterId: 'sessions', Engine: 'redis', SecurityGroupIds: [web] }),
    );
    settle();
    await sdk.send(new DeleteCacheClusterCommand({ CacheClusterId: 'sessions' }));

    expect(await list(url)).toEqual([
      { cacheName: 'sessions', securityGroupIds: [web], ports: [], formerPorts: [6379] },
    ]);
  });
});

describe('a cache of which no port is told', () => {
  test.each([
    ['redis', [6379]],
    ['Valkey', [6379]],
    ['memcached', [11211]],
    ['an engine of tomorrow', [6379, 11211]],
  ])('most likely listens on its default port once it is created: %s', async (engine, likelyPorts) => {
    await using endpoint = await withCluster(
      `<Engine>${engine}</Engine><CacheClusterStatus>Creating</CacheClusterStatus>`,
    );

    expect(await list(endpoint.url)).toEqual([
      { cacheName: 'sessions', securityGroupIds: [GROUP], ports: [], likelyPorts },
    ]);
  });

  test.each(['CREATE-FAILED', 'restore-failed', 'Incompatible-Network', 'deleted'])(
    'listens on none while it is %s',
    async (status) => {
      await using endpoint = await withCluster(`<CacheClusterStatus>${status}</CacheClusterStatus>`);

      expect(await list(endpoint.url)).toEqual([{ cacheName: 'sessions', securityGroupIds: [GROUP], ports: [] }]);
    },
  );

  test('listens on none while it is deleting, and may have clients: it is often made again', async () => {
    await using endpoint = await withCluster('<CacheClusterStatus>deleting</CacheClusterStatus><Engine>redis</Engine>');

    expect(await list(endpoint.url)).toEqual([
      { cacheName: 'sessions', securityGroupIds: [GROUP], ports: [], formerPorts: [6379] },
    ]);
  });

  test.each([
    ['<CacheClusterStatus>available</CacheClusterStatus>', '`available`'],
    ['<CacheClusterStatus>rebooting cluster nodes</CacheClusterStatus>', '`rebooting cluster nodes`'],
    [`<CacheClusterStatus>modifying</CacheClusterStatus>${node(0)}`, '`modifying`'],
    [`<CacheClusterStatus>available</CacheClusterStatus>${node(65_536)}`, '`available`'],
    ['', '(undefined)'],
  ])('is told as one that cannot be judged when it should listen: %s', async (elements, status) => {
    await using endpoint = await withCluster(elements);

    expect(await list(endpoint.url)).toEqual([
      {
        cacheName: 'sessions',
        securityGroupIds: [GROUP],
        ports: [],
        formerPorts: [6379, 11_211],
        problem: `ElastiCache shows no port of it, and its status is ${status}`,
      },
    ]);
  });

  test('is listed with its port if only its state is unknown', async () => {
    await using endpoint = await withCluster(`<CacheClusterStatus>new-state</CacheClusterStatus>${node(7000)}`);

    expect(await list(endpoint.url)).toEqual([{ cacheName: 'sessions', securityGroupIds: [GROUP], ports: [7000] }]);
  });
});

describe('a cache', () => {
  test('is guarded by its security groups in whatever state they are', async () => {
    const groups = ['active', 'adding', 'removing'].map(
      (status, index) => `<member><SecurityGroupId>sg-0${index}</SecurityGroupId><Status>${status}</Status></member>`,
    );
    const cluster = `<CacheCluster><CacheClusterId>a</CacheClusterId>${node(1)}<SecurityGroups>${groups.join('')}</SecurityGroups></CacheCluster>`;
    await using endpoint = await withClusters(cluster);

    expect(await list(endpoint.url)).toMatchObject([{ securityGroupIds: ['sg-00', 'sg-01', 'sg-02'] }]);
  });

  test('whose name is none cannot be judged', async () => {
    const cluster = `<CacheCluster><CacheClusterId>a&lt;b&gt;</CacheClusterId>${node(1)}</CacheCluster>`;
    await using endpoint = await withClusters(cluster);

    expect(await list(endpoint.url)).toMatchObject([
      { cacheName: '`a<b>`', securityGroupIds: [], ports: [], problem: 'its name, `a<b>`, is no name of a cache' },
    ]);
  });
});

describe('a cache of which not all is told', () => {
  const named = '<CacheClusterStatus>available</CacheClusterStatus>';

  test('goes by its own name if that of its replication group is empty', async () => {
    await using endpoint = await withCluster(`<ReplicationGroupId></ReplicationGroupId>${named}${node(7000)}`);

    expect(await list(endpoint.url)).toEqual([{ cacheName: 'sessions', securityGroupIds: [GROUP], ports: [7000] }]);
  });

  test.each([
    ['', 'the id of one of its security groups is missing'],
    [
      '<SecurityGroupId></SecurityGroupId>',
      'the id of one of its security groups `` is not the id of a security group',
    ],
    [
      '<SecurityGroupId>*</SecurityGroupId>',
      'the id of one of its security groups `*` is not the id of a security group',
    ],
  ])('cannot be judged behind a security group that cannot be told: %s', async (told, problem) => {
    const groups = `<member>${told}</member><member><SecurityGroupId>${GROUP}</SecurityGroupId></member>`;
    const cluster = `<CacheCluster><CacheClusterId>a</CacheClusterId>${named}${node(1)}<SecurityGroups>${groups}</SecurityGroups></CacheCluster>`;
    await using endpoint = await withClusters(cluster);

    expect(await list(endpoint.url)).toEqual([
      { cacheName: 'a', securityGroupIds: [GROUP], ports: [1], problem, unknownGroups: problem },
    ]);
  });
});

describe('a cache of which no security group is listed', () => {
  const jobs = (elements: string) => `<CacheCluster><CacheClusterId>Jobs</CacheClusterId>${elements}</CacheCluster>`;
  const inVpc = '<CacheSubnetGroupName>app-subnets</CacheSubnetGroupName>';
  const classic = `<CacheSecurityGroups><CacheSecurityGroup><CacheSecurityGroupName>default</CacheSecurityGroupName>
    </CacheSecurityGroup></CacheSecurityGroups>`;

  test.each([
    ['in a VPC', inVpc],
    ['in a VPC, with an empty list', `${inVpc}<SecurityGroups/>`],
    ['in a VPC, with a cache security group all the same', `${inVpc}${classic}`],
    ['with no word of where it is', ''],
    ['with an empty list of cache security groups', '<CacheSecurityGroups/>'],
  ])('is guarded by groups that are not known, when it is a cluster %s', async (_, elements) => {
    await using endpoint = await withClusters(jobs(`${elements}${node(11_211)}`));

    expect(await list(endpoint.url)).toEqual([
      {
        cacheName: 'jobs',
        securityGroupIds: [],
        ports: [11_211],
        unknownGroups: 'ElastiCache lists no security group of it',
        unlisted: { kind: 'cluster', clusterId: 'jobs' },
      },
    ]);
  });

  test('is known by its own id, also as a member of a replication group', async () => {
    const member = '<ReplicationGroupId>shop</ReplicationGroupId>';
    await using endpoint = await withClusters(jobs(`${inVpc}${member}${node(6379)}`));

    expect(await list(endpoint.url)).toMatchObject([
      { cacheName: 'shop', unlisted: { kind: 'cluster', clusterId: 'jobs' } },
    ]);
  });

  test('is guarded by groups that are not known while it is created, too', async () => {
    const creating = '<Engine>memcached</Engine><CacheClusterStatus>creating</CacheClusterStatus>';
    await using endpoint = await withClusters(jobs(`${inVpc}${creating}`));

    expect(await list(endpoint.url)).toMatchObject([
      { likelyPorts: [11_211], unknownGroups: 'ElastiCache lists no security group of it' },
    ]);
  });

  test.each([
    ['outside of a VPC, where cache security groups guard it', `${classic}${node(11_211)}`],
    ['being deleted', `${inVpc}<CacheClusterStatus>deleting</CacheClusterStatus>`],
  ])('lacks nothing when it is a cluster %s', async (_, elements) => {
    await using endpoint = await withClusters(jobs(elements));

    const [cache] = await list(endpoint.url);

    expect(cache).toMatchObject({ cacheName: 'jobs', securityGroupIds: [] });
    expect(cache).not.toHaveProperty('unknownGroups');
    expect(cache).not.toHaveProperty('unlisted');
  });

  test('is guarded by groups that are not known, when it is a serverless cache', async () => {
    const endpointOf = '<Endpoint><Address>a.serverless.use1.cache.amazonaws.com</Address><Port>6379</Port></Endpoint>';
    const cache = `<member><ServerlessCacheName>prices</ServerlessCacheName>${endpointOf}</member>`;
    const described = found('DescribeServerlessCaches', `<ServerlessCaches>${cache}</ServerlessCaches>`);
    await using endpoint = await startByAction({ DescribeServerlessCaches: described });

    expect(await list(endpoint.url)).toEqual([
      {
        cacheName: 'prices',
        securityGroupIds: [],
        ports: [6379],
        unknownGroups: 'ElastiCache lists no security group of it',
        unlisted: { kind: 'serverless' },
      },
    ]);
  });
});

describe('a serverless cache', () => {
  const listed = (address: string, elements = '') => {
    const endpoint = `<Endpoint><Address>${address}</Address><Port>6379</Port></Endpoint>`;
    const cache = `<member><ServerlessCacheName>prices</ServerlessCacheName>${endpoint}${elements}</member>`;
    const described = found('DescribeServerlessCaches', `<ServerlessCaches>${cache}</ServerlessCaches>`);
    return startByAction({ DescribeServerlessCaches: described });
  };
  const guarded = `<SecurityGroupIds><SecurityGroupId>${GROUP}</SecurityGroupId></SecurityGroupIds>`;

  test.each([
    'prices-x2e9hv.public.serverless.use1.cache.amazonaws.com',
    'PRICES-X2E9HV.Public.Serverless.cnn1.cache.amazonaws.com.cn',
  ])('is public if its address says so, and lacks no security group then: %s', async (address) => {
    await using endpoint = await listed(address);

    expect(await list(endpoint.url)).toEqual([
      { cacheName: 'prices', securityGroupIds: [], ports: [6379], isPublic: true },
    ]);
  });

  test('is public also if it has security groups', async () => {
    await using endpoint = await listed('prices-x2e9hv.public.serverless.use1.cache.amazonaws.com', guarded);

    expect(await list(endpoint.url)).toEqual([
      { cacheName: 'prices', securityGroupIds: [GROUP], ports: [6379], isPublic: true },
    ]);
  });

  test.each([
    'prices-x2e9hv.serverless.use1.cache.amazonaws.com',
    'public-serverless-a.serverless.use1.cache.amazonaws.com',
  ])('is not public by any other address: %s', async (address) => {
    await using endpoint = await listed(address, guarded);

    expect(await list(endpoint.url)).toEqual([{ cacheName: 'prices', securityGroupIds: [GROUP], ports: [6379] }]);
  });
});

describe('an endpoint that does not know serverless caches', () => {
  test.each([
    error(400, 'InvalidAction'),
    error(404, 'UnknownOperationException'),
    error(400, 'UnknownOperation'),
    error(400, 'NotImplemented'),
    error(501, 'InternalFailure'),
  ])('has none: %j', async (unknown) => {
    await using endpoint = await startByAction({ DescribeServerlessCaches: unknown });

    expect(await list(endpoint.url)).toEqual([]);
  });
});

describe('a listing that cannot go on', () => {
  test.each(['DescribeCacheClusters', 'DescribeServerlessCaches'])(
    'throws what the API answers to %s',
    async (action) => {
      await using endpoint = await startByAction({ [action]: error(403, 'AccessDenied', 'You are not allowed to.') });

      await expect(list(endpoint.url)).rejects.toMatchObject({ name: 'AccessDenied' });
    },
  );

  test('throws when not even clusters are known', async () => {
    await using endpoint = await startByAction({ DescribeCacheClusters: error(400, 'InvalidAction') });

    await expect(list(endpoint.url)).rejects.toMatchObject({ name: 'InvalidAction' });
  });

  test.each([
    ['DescribeCacheClusters', '<CacheClusters/><Marker>more</Marker>'],
    ['DescribeServerlessCaches', '<ServerlessCaches/><NextToken>more</NextToken>'],
  ])('throws when the next page of %s is the same for ever', async (action, page) => {
    await using endpoint = await startByAction({ [action]: found(action, page) });

    await expect(list(endpoint.url)).rejects.toThrow('the listing does not end');
  });

  test('ends when it is aborted, also in the middle of a call', async () => {
    await using endpoint = await startScriptedEndpoint('silence');
    const abort = new AbortController();

    const listing = list(endpoint.url, abort.signal);
    listing.catch(() => {});
    await expect.poll(() => endpoint.actions).toHaveLength(2);
    abort.abort();

    await expect(listing).rejects.toMatchObject({ name: 'AbortError' });
  });
});

/** An endpoint that gives these answers, and has nothing else. */
function startByAction(answers: Readonly<Record<string, Answer>>) {
  return startScriptedEndpoint((action) => answers[action] ?? found(action));
}
