import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { listStackInstances } from '../../src/aws/cloudformation/list-stack-instances.ts';
import { listStackResources, readStack } from '../../src/aws/cloudformation/read-stack.ts';
import { eventHistory } from '../../src/aws/cloudtrail/lookup-events.ts';
import { readTrails } from '../../src/aws/cloudtrail/read-trails.ts';
import { lastCounted } from '../../src/aws/cloudwatch/last-counted.ts';
import { readAlarms } from '../../src/aws/cloudwatch/read-alarms.ts';
import { logsAt } from '../../src/aws/cloudwatch-logs/filter-log-events.ts';
import { hasEc2Classic, hidesManagedResources } from '../../src/aws/ec2/account-attributes.ts';
import { authorizeSecurityGroupRule } from '../../src/aws/ec2/authorize-rule.ts';
import { findServerlessEndpoints } from '../../src/aws/ec2/cache-interfaces.ts';
import { ec2Client } from '../../src/aws/ec2/client.ts';
import { readGroupNames } from '../../src/aws/ec2/group-names.ts';
import { guardsCache } from '../../src/aws/ec2/guards-cache.ts';
import { listSecurityGroupRules } from '../../src/aws/ec2/list-rules.ts';
import { readPrefixList } from '../../src/aws/ec2/read-prefix-list.ts';
import { listRegions } from '../../src/aws/ec2/regions.ts';
import { revokeSecurityGroupRule } from '../../src/aws/ec2/revoke-rule.ts';
import { authorizeIngress } from '../../src/aws/elasticache/authorize-ingress.ts';
import { elastiCacheClient } from '../../src/aws/elasticache/client.ts';
import { listCaches } from '../../src/aws/elasticache/list-caches.ts';
import { listGrants } from '../../src/aws/elasticache/list-grants.ts';
import { readGrantStatus } from '../../src/aws/elasticache/read-grant-status.ts';
import { revokeIngress } from '../../src/aws/elasticache/revoke-ingress.ts';
import { readRule } from '../../src/aws/eventbridge/read-rule.ts';
import { allowedActions } from '../../src/aws/iam/simulate.ts';
import { readFunction, rulesThatMayInvoke } from '../../src/aws/lambda/read-function.ts';
import { accountPathReader } from '../../src/aws/organizations/account-path.ts';
import { listAccounts } from '../../src/aws/organizations/list-accounts.ts';
import { runStore } from '../../src/aws/s3/run-store.ts';
import { securityHubAt } from '../../src/aws/securityhub/security-hub.ts';
import { listSubscriptions } from '../../src/aws/sns/list-subscriptions.ts';
import { countMessages } from '../../src/aws/sqs/count-messages.ts';
import { callerAccount } from '../../src/aws/sts/caller-account.ts';
import { memberSessions } from '../../src/aws/sts/member-sessions.ts';
import { ACCOUNT, REGION, strangersGrant } from '../support/examples/grants.ts';
import { stubEnvironment } from '../support/functions/aws-environment.ts';
import { credentials } from '../support/local-aws/local-elasticache.ts';
import { ec2Answer, rulesPage } from '../support/scripted/ec2-answers.ts';
import { type Answer, found, startScriptedEndpoint } from '../support/scripted/scripted-endpoint.ts';
import { collect } from '../support/tools/collect.ts';
import { readSourceFiles } from '../support/tools/imports.ts';

const PREFIX_LIST = 'pl-0123456789abcdef0';
const RULE = { securityGroupId: 'sg-0a', securityGroupRuleId: 'sgr-01' };
const OWNERLESS = rulesPage([{ referencedGroupInfo: '<groupId>sg-0b</groupId>' }]);
const client = (url: string) => ({
  endpoint: url,
  credentials: async () => credentials,
  maxAttempts: 1,
  region: REGION,
});
const ec2 = (url: string) => ec2Client(client(url));
const elastiCache = (url: string) => elastiCacheClient(client(url));
const inAMinute = () => new Date(Date.now() + 60_000);

/** How a call is made, what its answer must have, and what the calls around it are answered. */
interface Call {
  readonly needs: string;
  readonly make: (url: string) => Promise<unknown>;
  readonly others?: Readonly<Record<string, Answer>>;
  /** Of a listing: the answer that has nothing, and what comes of it. */
  readonly none?: readonly [Answer, unknown];
}

const TRAILS: Answer = { status: 200, xml: '{"trailList":[{"Name":"one","TrailARN":"arn:one"}]}' };

async function readFirstTrail(url: string): Promise<unknown> {
  const [trail] = await readTrails(client(url), []);
  if (trail !== undefined && 'error' in trail) throw trail.error;
  return trail;
}

/** Every call that src/aws makes. */
const CALLS: Readonly<Record<string, Call>> = {
  AuthorizeCacheSecurityGroupIngress: {
    needs: 'CacheSecurityGroup',
    make: (url) => authorizeIngress(elastiCache(url), strangersGrant),
  },
  RevokeCacheSecurityGroupIngress: {
    needs: 'CacheSecurityGroup',
    make: (url) => revokeIngress(elastiCache(url), strangersGrant, inAMinute()),
  },
  DescribeCacheSecurityGroups: {
    needs: 'CacheSecurityGroups',
    make: (url) => collect(listGrants(elastiCache(url))),
    none: [found('DescribeCacheSecurityGroups'), [{ cacheSecurityGroups: 0, grants: [] }]],
  },
  DescribeCacheClusters: {
    needs: 'CacheClusters',
    make: (url) => listCaches(elastiCache(url)),
    others: { DescribeServerlessCaches: found('DescribeServerlessCaches') },
    none: [found('DescribeCacheClusters'), []],
  },
  DescribeServerlessCaches: {
    needs: 'ServerlessCaches',
    make: (url) => listCaches(elastiCache(url)),
    others: { DescribeCacheClusters: found('DescribeCacheClusters') },
    none: [found('DescribeServerlessCaches'), []],
  },
  AuthorizeSecurityGroupIngress: {
    needs: 'Return',
    make(url) {
      const target = { cacheName: 'sessions', ports: [6379], ...RULE };
      const source = { kind: 'cidr', cidr: '10.0.0.0/16' } as const;
      const grant = { kind: 'vpc', account: ACCOUNT, region: REGION, target, source } as const;
      return authorizeSecurityGroupRule(ec2(url), grant, { ipProtocol: 'tcp', fromPort: 6379, toPort: 6379 });
    },
  },
  RevokeSecurityGroupIngress: {
    needs: 'Return',
    make: (url) => revokeSecurityGroupRule(ec2(url), RULE, inAMinute()),
  },
  DescribeSecurityGroupRules: {
    needs: 'SecurityGroupRules',
    make: (url) => collect(listSecurityGroupRules(ec2(url), ['sg-0a'])),
    none: [rulesPage([]), [[]]],
  },
  DescribeSecurityGroups: {
    needs: 'SecurityGroups',
    make: (url) => readGroupNames(ec2(url), ['sg-0a']),
    none: [ec2Answer('DescribeSecurityGroups', '<securityGroupInfo/>'), new Map()],
  },
  DescribeNetworkInterfaces: {
    needs: 'NetworkInterfaces',
    make: (url) => guardsCache(ec2(url), 'sg-0a'),
    none: [ec2Answer('DescribeNetworkInterfaces', '<networkInterfaceSet/>'), false],
  },
  DescribeVpcEndpoints: {
    needs: 'VpcEndpoints',
    make: (url) => findServerlessEndpoints(ec2(url), ['vpce-0a']),
    none: [ec2Answer('DescribeVpcEndpoints', '<vpcEndpointSet/>'), new Set()],
  },
  DescribeManagedPrefixLists: {
    needs: 'PrefixLists',
    make: (url) => readPrefixList(ec2(url), PREFIX_LIST),
  },
  GetManagedPrefixListEntries: {
    needs: 'Entries',
    make: (url) => readPrefixList(ec2(url), PREFIX_LIST),
    others: {
      DescribeManagedPrefixLists: ec2Answer(
        'DescribeManagedPrefixLists',
        `<prefixListSet><item><prefixListId>${PREFIX_LIST}</prefixListId><state>create-complete</state></item></prefixListSet>`,
      ),
    },
    none: [ec2Answer('GetManagedPrefixListEntries', '<entrySet/>'), { entries: [] }],
  },
  GetCallerIdentity: {
    needs: 'Account',
    make(url) {
      stubEnvironment({ AWS_ENDPOINT_URL_STS: url });
      return callerAccount(REGION);
    },
  },
  AssumeRole: {
    needs: 'Credentials',
    async make(url) {
      stubEnvironment({ AWS_ENDPOINT_URL_STS: url });
      const how = {
        region: REGION,
        readRole: 'read',
        revokeRole: 'revoke',
        purpose: () => 'run-1',
        now: () => new Date(),
      };
      return await memberSessions(how).read(ACCOUNT)();
    },
  },
  DescribeRegions: {
    needs: 'Regions',
    make: (url) => listRegions(client(url)),
  },
  ListAccounts: {
    needs: 'Accounts',
    async make(url) {
      stubEnvironment({ AWS_ENDPOINT_URL_ORGANIZATIONS: url });
      return await listAccounts(REGION);
    },
  },
  DescribeAccount: {
    needs: 'Account',
    async make(url) {
      stubEnvironment({ AWS_ENDPOINT_URL_ORGANIZATIONS: url });
      return await accountPathReader(REGION)(ACCOUNT, new AbortController().signal);
    },
  },
  FilterLogEvents: {
    needs: 'events',
    make: (url) => logsAt(client(url)).filter({ logGroup: 'log', from: new Date(0), pattern: '', most: 10 }),
    none: [
      { status: 200, xml: '{"events":[]}' },
      { lines: [], isWhole: true },
    ],
  },
  DescribeAlarms: {
    needs: 'MetricAlarms',
    make: (url) => readAlarms(client(url), ['one']),
    none: [{ status: 200, xml: '{"MetricAlarms":[]}' }, []],
  },
  DescribeStacks: {
    needs: 'Stacks',
    async make(url) {
      stubEnvironment({ AWS_ENDPOINT_URL_CLOUDFORMATION: url });
      return await readStack({ region: REGION }, 'a-stack');
    },
  },
  ListStackResources: {
    needs: 'StackResourceSummaries',
    async make(url) {
      stubEnvironment({ AWS_ENDPOINT_URL_CLOUDFORMATION: url });
      return await listStackResources({ region: REGION }, 'a-stack');
    },
  },
  ListStackInstances: {
    needs: 'Summaries',
    async make(url) {
      stubEnvironment({ AWS_ENDPOINT_URL_CLOUDFORMATION: url });
      return await listStackInstances(REGION, 'members');
    },
  },
  DescribeRule: {
    needs: 'State',
    make: (url) => readRule(client(url), 'ingress-guard'),
  },
  ListTargetsByRule: {
    needs: 'Targets',
    make: (url) => readRule(client(url), 'ingress-guard'),
    others: { DescribeRule: { status: 200, xml: '{"State":"ENABLED"}' } },
  },
  GetQueueAttributes: {
    needs: 'Attributes',
    make: (url) => countMessages(client(url), { account: ACCOUNT, region: REGION }, 'undelivered'),
  },
  DescribeTrails: {
    needs: 'trailList',
    make: (url) => readTrails(client(url), []),
    none: [{ status: 200, xml: '{"trailList":[]}' }, []],
  },
  GetTrailStatus: {
    needs: 'IsLogging',
    make: readFirstTrail,
    others: { DescribeTrails: TRAILS },
  },
  GetEventSelectors: {
    needs: 'TrailARN',
    make: readFirstTrail,
    others: { DescribeTrails: TRAILS, GetTrailStatus: { status: 200, xml: '{"IsLogging":true}' } },
  },
  LookupEvents: {
    needs: 'Events',
    async make(url) {
      using history = eventHistory(client(url), { timeUp: new AbortController().signal });
      return await collect(history.eventsAbout('sgr-0a', 1));
    },
    none: [{ status: 200, xml: '{"Events":[]}' }, []],
  },
  BatchImportFindings: {
    needs: 'SuccessCount',
    make: (url) => securityHubAt(client(url)).importFindings([]),
  },
  GetFindings: {
    needs: 'Findings',
    make: (url) => securityHubAt(client(url)).listActive('arn:product', 'ingress-guard'),
    none: [{ status: 200, xml: '{"Findings":[]}' }, []],
  },
  GetMetricData: {
    needs: 'MetricDataResults',
    make: (url) => lastCounted(client(url), ['Heartbeat'], 24, new Date()),
  },
  GetFunction: {
    needs: 'Configuration',
    make: (url) => readFunction(client(url), 'enforceIngress'),
  },
  GetPolicy: {
    needs: 'Policy',
    make: (url) => rulesThatMayInvoke(client(url), 'enforceIngress'),
  },
  ListSubscriptionsByTopic: {
    needs: 'Subscriptions',
    make: (url) => listSubscriptions(client(url), 'arn:aws:sns:us-east-1:111122223333:alerts'),
  },
  SimulatePrincipalPolicy: {
    needs: 'EvaluationResults',
    make: (url) =>
      allowedActions(client(url), 'arn:aws:iam::111122223333:role/one', {
        actions: ['sqs:SendMessage'],
        resource: '*',
      }),
  },
  DescribeAccountAttributes: {
    needs: 'AccountAttributes',
    make: (url) => hasEc2Classic(client(url)),
  },
  GetManagedResourceVisibility: {
    needs: 'Visibility',
    make: (url) => hidesManagedResources(client(url)),
  },
  GetObject: {
    needs: 'ETag',
    async make(url) {
      stubEnvironment({ AWS_ENDPOINT_URL_S3: url });
      return await runStore('runs-bucket', '2026-11-23T12').get('manifest.json');
    },
  },
  PutObject: {
    needs: 'ETag',
    async make(url) {
      stubEnvironment({ AWS_ENDPOINT_URL_S3: url });
      vi.resetModules();
      const { storeReport } = await import('../../src/aws/s3/store-report.ts');
      const at = { startedAt: '2026-11-23T08:00:00.000Z', account: ACCOUNT, region: REGION };
      const form = { extension: 'json', contentType: 'application/json', body: '{}' };
      return await storeReport('reports', at, [form], new AbortController().signal);
    },
  },
};

/** The results of several calls to EC2. */
const EC2_RESULTS =
  '<return>true</return><securityGroupRuleSet/><securityGroupInfo/><networkInterfaceSet/><vpcEndpointSet/><prefixListSet/><entrySet/>';

/** What a proxy or a broken endpoint can answer in the place of AWS, to any call. */
const NO_ANSWERS: Readonly<Record<string, (operation: string) => Answer>> = {
  'an empty body': () => ({ status: 200, xml: '' }),
  'a page': () => ({ status: 200, xml: '<html><body><h1>Sign in</h1></body></html>' }),
  'a page that is no XML': () => ({ status: 200, xml: '<!DOCTYPE html><html><body>Sign in<br></body></html>' }),
  'an empty JSON object': () => ({ status: 200, xml: '{}' }),
  "another call's answer of EC2": () => ec2Answer('DescribeVpcs', '<vpcSet/>'),
  "another call's answer of ElastiCache": () => found('DescribeEvents', '<Events/>'),
  'its own answer of EC2, without the result': (operation) => ec2Answer(operation, ''),
  'its own answer of ElastiCache, without the result': (operation) => found(operation, ''),
  'a page with the elements of a result': () => ({ status: 200, xml: `<html>${EC2_RESULTS}</html>` }),
  "another call's answer of EC2, with the elements of a result": () => ec2Answer('DescribeVpcs', EC2_RESULTS),
  'a page that forbids it': () => ({ status: 403, xml: '<html><body>Forbidden</body></html>' }),
  'a page that nothing is found': () => ({ status: 404, xml: '<html><body>Not Found</body></html>' }),
  'a page that it is not implemented': () => ({ status: 501, xml: '<html><body>Not Implemented</body></html>' }),
};

/** Makes a call at an endpoint that answers it so. */
async function make(operation: string, answer: Answer) {
  const { make, others = {} } = CALLS[operation] as Call;
  await using endpoint = await startScriptedEndpoint((action) => others[action] ?? answer);
  return await make(endpoint.url);
}

describe.each(Object.entries(NO_ANSWERS))('%s', (_, answerTo) => {
  test.each(Object.keys(CALLS))('is no answer to %s: an error says so, where, and what to do', async (operation) => {
    const answer = answerTo(operation);
    const { needs } = CALLS[operation] as Call;

    const made = make(operation, answer);

    const { status } = answer as { readonly status: number };
    await expect(made).rejects.toThrow(
      new RegExp(
        `${operation} in us-east-1: the answer of 127\\.0\\.0\\.1:\\d+ \\(status ${status}\\) (cannot be read|has no ${needs}|is no ${operation}Response)\\. Check the endpoint and every proxy on the way to it$`,
      ),
    );
  });
});

describe('an answer with nothing in its list', () => {
  const listings = Object.entries(CALLS).filter(([, { none }]) => none !== undefined);

  test.each(listings)('says that there is none: %s', async (operation, { none }) => {
    const [answer, expected] = none as NonNullable<Call['none']>;

    expect(await make(operation, answer)).toEqual(expected);
  });
});

test('an answer without the owners of security groups keeps the rules from being listed', async () => {
  await using endpoint = await startScriptedEndpoint((action) =>
    action === 'DescribeSecurityGroupRules' ? OWNERLESS : ec2Answer(action, ''),
  );

  await expect(collect(listSecurityGroupRules(ec2(endpoint.url), ['sg-0a']))).rejects.toThrow('has no SecurityGroups');
});

describe('a cache security group of which no EC2 security groups are told', () => {
  const group = found(
    'DescribeCacheSecurityGroups',
    `<CacheSecurityGroups><CacheSecurityGroup><CacheSecurityGroupName>sessions</CacheSecurityGroupName></CacheSecurityGroup></CacheSecurityGroups>`,
  );

  test('is not one without grants: they cannot be read', async () => {
    await using endpoint = await startScriptedEndpoint(group);

    const [page] = await collect(listGrants(elastiCache(endpoint.url)));

    const problems = ['ElastiCache does not say which EC2 security groups it allows access from'];
    expect(page?.grants).toEqual([{ status: '', problems, what: 'cache security group `sessions`' }]);
  });

  test('does not say that a grant is gone', async () => {
    await using endpoint = await startScriptedEndpoint(group);

    await expect(readGrantStatus(elastiCache(endpoint.url), strangersGrant)).rejects.toThrow(
      'ElastiCache does not say which EC2 security groups `sessions` allows access from',
    );
  });
});

test('an answer that cannot be read is asked for again if its status says that this may help', async () => {
  const gateway = { status: 502, xml: '<html><body>Bad Gateway<br></body></html>' };
  await using endpoint = await startScriptedEndpoint(gateway, found('DescribeCacheSecurityGroups'));
  const patient = elastiCacheClient({ ...client(endpoint.url), maxAttempts: 2 });

  expect(await collect(listGrants(patient))).toHaveLength(1);
  expect(endpoint.actions).toHaveLength(2);
});

test('an error whose code is in a header alone is what the service answered', async () => {
  const server = createServer((_, response) => {
    response.writeHead(400, { 'content-type': 'application/json', 'x-amzn-errortype': 'AccessDeniedException:' });
    response.end('{"message":"You may not."}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;

  const read = readRule(client(`http://127.0.0.1:${port}`), 'ingress-guard');

  await expect(read).rejects.toMatchObject({ name: 'AccessDeniedException', message: 'You may not.' });
});

/**
 * Their answers have no member that is always there. `redrive` compares what it received with what GetQueueAttributes counts, and
 * takes 202 alone for an event that was taken: test/cli/redrive.test.ts.
 */
const BARE = ['ChangeMessageVisibility', 'DeleteMessage', 'Invoke', 'ReceiveMessage'];

test('these are the calls that are made', () => {
  const imports = readSourceFiles(['src/aws']).flatMap(({ text }) => [
    ...text.matchAll(/\{([^{}]*)\} (?:from |= await import\()'@aws-sdk\/client-/g),
  ]);
  const names = imports.flatMap(([, names = '']) => names.split(',').map((name) => name.trim()));
  const operations = names.flatMap((name) => /^(?:(\w+)Command|paginate(\w+))$/.exec(name)?.slice(1) ?? []);

  const made = new Set(operations.filter((name) => name !== undefined));
  expect(made).toEqual(new Set([...Object.keys(CALLS), ...BARE]));
});

test('a call whose answer nobody thought of is not made', async () => {
  const { DescribeVpcsCommand } = await import('@aws-sdk/client-ec2');
  await using endpoint = await startScriptedEndpoint(ec2Answer('DescribeVpcs', '<vpcSet/>'));

  await expect(ec2(endpoint.url).send(new DescribeVpcsCommand())).rejects.toThrow(
    'what DescribeVpcs is answered with is not known',
  );
  expect(endpoint.actions).toEqual([]);
});
