import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ec2 from '@aws-sdk/client-ec2';
import * as elastiCache from '@aws-sdk/client-elasticache';
import { EnableSecurityHubCommand, GetFindingsCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import { beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { isSecurityGroupCall } from '../../src/cloudtrail/parse-security-group-event.ts';
import { compileEventPattern } from '../../src/local/event-pattern.ts';
import {
  CLASSIC_SAMPLE_NAMES,
  SAMPLE_NAMES,
  SECURITY_GROUP_SAMPLE_NAMES,
  sampleEvent,
  withChanges,
} from '../events/sample-events.ts';
import { REGION } from '../support/examples/grants.ts';
import { allowlistFile } from '../support/functions/enforce-ingress-function.ts';
import { credentials } from '../support/local-aws/local-elasticache.ts';
import { invokePackaged } from '../support/packaged/packaged-function.ts';
import { ENFORCE_WITH_EVERYTHING, runServerlessPackage } from '../support/packaged/serverless-package.ts';
import { readZip } from '../support/packaged/unzip.ts';
import { startAuditedElastiCache } from '../support/scripted/audited-elasticache.ts';
import { lackedIn, SERVICE_RULES } from './service-rules.ts';
import { actionsOf, ofType, readTemplate, statementsOf, type Template, withoutFailingCall } from './template.ts';
import { RULES, watchingRule } from './template-rules.ts';

/** What the Serverless Framework asks stack/archive.cjs for. */
const archiveIn = createRequire(import.meta.url)('../../stack/archive.cjs') as (context: {
  resolveVariable(name: string): Promise<string>;
}) => Promise<Partial<Template>>;

/** Every region of partition aws. */
const REGIONS = [
  ...['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'ca-central-1', 'ca-west-1', 'mx-central-1', 'sa-east-1'],
  ...['eu-central-1', 'eu-central-2', 'eu-north-1', 'eu-south-1', 'eu-south-2', 'eu-west-1', 'eu-west-2', 'eu-west-3'],
  ...['ap-east-1', 'ap-east-2', 'ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3', 'ap-south-1', 'ap-south-2'],
  ...['ap-southeast-1', 'ap-southeast-2', 'ap-southeast-3', 'ap-southeast-4', 'ap-southeast-5', 'ap-southeast-6'],
  ...['ap-southeast-7', 'af-south-1', 'il-central-1', 'me-central-1', 'me-south-1'],
];
const OTHER_PARTITIONS = ['us-gov-east-1', 'us-gov-west-1', 'cn-north-1', 'cn-northwest-1'];

/** As much of everything as there can be: what is measured is longest then. Stages are 17 characters at most. */
const WIDEST = [
  '--stage=longest-stage-yet',
  `--param=regions=${REGIONS.join(', ')}`,
  `--param=reportBucket=${'b'.repeat(63)}`,
  '--param=securityHub=true',
  `--param=alertEmail=${'e'.repeat(64)}@example.com`,
  '--param=maxRevocations=unlimited',
  '--param=shared=revoke',
  '--param=chat=true',
  '--param=tracing=true',
];
const IN_SSM = `--param=allowlist=ssm:/${'s'.repeat(900)}`;
const IN_APPCONFIG = `--param=allowlist=appconfig:${'a'.repeat(64)}/${'e'.repeat(64)}/${'p'.repeat(128)}`;

/**
 * How large the audit's package may be with the setting securityHub and a bucket, in bytes. Security Hub's client takes 56 KB of it: a
 * finding can describe any resource of AWS, and the client has the shapes of all. It is loaded when the audit is over.
 */
const AUDIT_WITH_SECURITY_HUB = 315_000;

const packages = {} as Record<'reporting' | 'enforcing' | 'reportingWidest' | 'enforcingWidest', Template>;
let enforcingFolder: string;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ingress-guard-packages-'));
  enforcingFolder = join(folder, 'enforcing');
  packages.reporting = await readTemplate(inject('packageFolder'));
  packages.enforcing = await packageInto(enforcingFolder, ENFORCE_WITH_EVERYTHING);
  packages.enforcingWidest = await packageInto(join(folder, 'enforcingWidest'), [
    '--param=mode=enforce',
    IN_SSM,
    ...WIDEST,
  ]);
  packages.reportingWidest = await packageInto(join(folder, 'reportingWidest'), [
    '--region=ca-west-1',
    IN_APPCONFIG,
    ...WIDEST,
  ]);
  return () => rm(folder, { recursive: true, force: true });
}, 300_000);

async function packageInto(folder: string, options: readonly string[]): Promise<Template> {
  const { exitCode, output } = await runServerlessPackage(folder, {}, options);
  expect(exitCode, output).toBe(0);
  return readTemplate(folder);
}

describe.each(Object.entries(RULES))('%s', (_, findBreaches) => {
  test('in report-only mode', () => expect(findBreaches(packages.reporting)).toEqual([]));
  test('in enforce mode, with everything that can be switched on', () =>
    expect(findBreaches(packages.enforcing)).toEqual([]));
});

describe.each(Object.entries(SERVICE_RULES))('%s', (_, findBreaches) => {
  test.each([
    ['in report-only mode', 'reporting'],
    ['in enforce mode', 'enforcing'],
    ['in report-only mode, with every parameter, 34 regions and the longest stage', 'reportingWidest'],
    ['in enforce mode, with every parameter, 34 regions and the longest stage', 'enforcingWidest'],
  ] as const)('%s', (_, name) => expect(findBreaches(packages[name])).toEqual([]));
});

describe('the regions', () => {
  test('are all of partition aws', () => expect(new Set(REGIONS).size).toBe(34));

  test.each([...REGIONS, ...OTHER_PARTITIONS])('%s has all that is deployed there', async (region) => {
    const { WatchedEventsArchive, ...others } = packages.enforcing.Resources;
    const { Resources: archive = {} } = await archiveIn({ resolveVariable: async () => region });

    expect(lackedIn(region, { Resources: { ...others, ...archive } })).toEqual([]);
  });

  test('get no archive where there is none, and one elsewhere', () => {
    expect(ofType(packages.reportingWidest, 'AWS::Events::Archive')).toEqual([]);
    expect(packages.reportingWidest.Outputs).not.toHaveProperty('WatchedEventsArchiveArn');
    expect(ofType(packages.enforcingWidest, 'AWS::Events::Archive')).toHaveLength(1);
  });
});

/** Every operation that the SDK's clients know, as policies name them. */
const OPERATIONS = Object.entries({ ec2, elasticache: elastiCache }).flatMap(([service, client]) =>
  Object.keys(client)
    .filter((name) => /^[A-Z].*Command$/.test(name))
    .map((name) => ({ service, operation: name.replace(/Command$/, '') })),
);

/** Calls that look, and change nothing. */
const LOOKING = /^(ec2|elasticache):(Describe|Get)/;

const FUNCTIONS = [
  ['enforceIngress', 'EnforceIngressRole'],
  ['enforceSecurityGroup', 'EnforceSecurityGroupRole'],
  ['auditGrants', 'AuditGrantsRole'],
] as const;

describe('the roles', () => {
  const roleOf = (template: Template, id: string) => {
    const [, role] = ofType(template, 'AWS::IAM::Role').find(([one]) => one === id) ?? [];
    if (role === undefined) throw new Error(`there is no role ${id}`);
    return role;
  };
  /** What a role may do to caches and security groups. */
  const watched = (template: Template, id: string): string[] =>
    actionsOf(roleOf(template, id))
      .filter((action) => /^(ec2|elasticache):/.test(action))
      .sort();

  test.each(FUNCTIONS)('allow %s to revoke nothing in report-only mode', (_, role) => {
    expect(watched(packages.reporting, role).filter((action) => !LOOKING.test(action))).toEqual([]);
  });

  test('hold no right to revoke anywhere in report-only mode', () => {
    expect(withoutFailingCall(packages.reporting)).not.toMatch(/"(ec2|elasticache):(?!Describe|Get)/);
  });

  test('allow to look at no more than what is judged in report-only mode', () => {
    const atSecurityGroups = [
      'ec2:DescribeManagedPrefixLists',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSecurityGroupRules',
      'ec2:DescribeSecurityGroups',
      'ec2:DescribeVpcEndpoints',
      'ec2:GetManagedPrefixListEntries',
      'elasticache:DescribeCacheClusters',
      'elasticache:DescribeServerlessCaches',
    ];

    expect(watched(packages.reporting, 'EnforceIngressRole')).toEqual([]);
    expect(watched(packages.reporting, 'EnforceSecurityGroupRole')).toEqual(atSecurityGroups);
    expect(watched(packages.reporting, 'AuditGrantsRole')).toEqual(
      [...atSecurityGroups, 'elasticache:DescribeCacheSecurityGroups'].sort(),
    );
  });

  test.each(FUNCTIONS)(
    'allow %s just the calls to ElastiCache and EC2 that its bundle can send',
    async (name, role) => {
      const code = await codeOf(enforcingFolder, name);
      // As an argument: that is how commands are made. Our own code compares names of calls, too.
      const sent = OPERATIONS.filter(({ operation }) => code.includes(`,"${operation}",`));

      expect(watched(packages.enforcing, role)).toEqual(
        sent.map(({ service, operation }) => `${service}:${operation}`).sort(),
      );
    },
  );

  test('allow to revoke rules of this account’s security groups only', () => {
    for (const [, role] of FUNCTIONS.slice(1)) {
      const revoking = statementsOf(roleOf(packages.enforcing, role)).find(({ Sid }) => Sid === 'RevokeRules');

      expect(revoking).toMatchObject({
        Action: ['ec2:RevokeSecurityGroupIngress'],
        Resource: { 'Fn::Sub': 'arn:${AWS::Partition}:ec2:*:${AWS::AccountId}:security-group/*' },
      });
    }
  });

  test('allow to look and to revoke in the regions that are watched, and in no other', () => {
    /** Where a role may do what it may to caches and security groups. */
    const regionsOf = (template: Template, id: string) =>
      Object.fromEntries(
        statementsOf(roleOf(template, id))
          .filter(({ Action }) => [Action].flat().some((action) => /^(ec2|elasticache):/.test(action)))
          .map(({ Sid, Condition }) => [Sid, Condition]),
      );
    const all = (sids: readonly string[], regions: readonly string[]) => {
      const condition = { StringEquals: { 'aws:RequestedRegion': regions.map((region) => ({ 'Fn::Sub': region })) } };
      return Object.fromEntries(sids.map((sid) => [sid, condition]));
    };

    const classic = ['LookAtGrants', 'RevokeGrants'];
    const vpc = ['LookAtCaches', 'LookAtRules', 'RevokeRules'];
    const own = ['${AWS::Region}'];
    for (const template of [packages.enforcing, packages.enforcingWidest]) {
      expect(regionsOf(template, 'EnforceIngressRole')).toEqual(all(classic, own));
      expect(regionsOf(template, 'EnforceSecurityGroupRole')).toEqual(all(vpc, own));
    }
    expect(regionsOf(packages.enforcing, 'AuditGrantsRole')).toEqual(all([...classic, ...vpc], own));
    expect(regionsOf(packages.enforcingWidest, 'AuditGrantsRole')).toEqual(all([...classic, ...vpc], REGIONS));
  });

  test('allow the audit to store reports only where reports go, and only if there is a bucket', () => {
    expect(actionsOf(roleOf(packages.reporting, 'AuditGrantsRole'))).not.toContain('s3:PutObject');
    expect(JSON.stringify(roleOf(packages.enforcing, 'AuditGrantsRole'))).toContain('s3:::reports/audits/*');
    expect(actionsOf(roleOf(packages.enforcing, 'EnforceIngressRole'))).not.toContain('s3:PutObject');
  });
});

describe('the setting securityHub', () => {
  const text = ({ Resources }: Template) => JSON.stringify(Resources);
  const environmentOf = ({ Resources }: Template, id: string) =>
    Resources[`${id}LambdaFunction`]?.Properties.Environment.Variables;

  test('is off unless somebody says otherwise: nothing of it is in the stack or in the package', async () => {
    expect(text(packages.reporting)).not.toMatch(/securityhub:|SecurityHubAlarm/);
    expect(environmentOf(packages.reporting, 'AuditGrants').INGRESS_GUARD_SECURITY_HUB).toBe('');
    for (const [name] of FUNCTIONS) {
      const code = await codeOf(inject('packageFolder'), name);
      expect(code, name).not.toContain('/findings/import');
    }
  });

  test('lets the audit alone import, findings of the account’s own product in the audited regions', () => {
    const statements = ofType(packages.enforcingWidest, 'AWS::IAM::Role').flatMap(([id, role]) =>
      statementsOf(role)
        .filter(({ Action }) => [Action].flat().some((action) => action.startsWith('securityhub:')))
        .map((statement) => ({ id, ...statement })),
    );

    const Condition = { StringEquals: { 'aws:RequestedRegion': REGIONS.map((region) => ({ 'Fn::Sub': region })) } };
    expect(statements).toMatchObject([
      {
        id: 'AuditGrantsRole',
        Action: ['securityhub:BatchImportFindings'],
        Resource: {
          'Fn::Sub': 'arn:${AWS::Partition}:securityhub:*:${AWS::AccountId}:product/${AWS::AccountId}/default',
        },
        Condition,
      },
      { id: 'AuditGrantsRole', Action: ['securityhub:GetFindings'], Condition },
    ]);
  });

  test('names each stage as another generator, and has an alarm', () => {
    expect(environmentOf(packages.enforcing, 'AuditGrants').INGRESS_GUARD_SECURITY_HUB).toBe(
      'elasticache-ingress-guard-prod',
    );
    expect(environmentOf(packages.enforcingWidest, 'AuditGrants').INGRESS_GUARD_SECURITY_HUB).toBe(
      'elasticache-ingress-guard-longest-stage-yet',
    );
    expect(packages.enforcing.Resources.SecurityHubAlarm?.Properties.MetricName).toBe('SecurityHubFailures');
  });

  test('gives the audit a package that imports', async () => {
    const elastiCache = await startAuditedElastiCache();
    const client = new SecurityHubClient({ region: REGION, endpoint: elastiCache.url, credentials });
    onTestFinished(() => client.destroy());
    await client.send(new EnableSecurityHubCommand({}));

    const printed = await invokePackaged(
      join(enforcingFolder, 'auditGrants.zip'),
      {
        AWS_ENDPOINT_URL: elastiCache.url,
        INGRESS_GUARD_MODE: 'report-only',
        INGRESS_GUARD_ALLOWLIST: await allowlistFile(),
        INGRESS_GUARD_SECURITY_HUB: 'packaged',
        INGRESS_GUARD_CHAT: 'true',
      },
      { handler: 'audit-grants', event: {} },
    );

    expect(printed).toMatch(/"message":"security-hub".*"imported":1/);
    const { Findings = [] } = await client.send(new GetFindingsCommand({}));
    expect(Findings).toMatchObject([{ GeneratorId: expect.stringMatching(/^packaged\//), RecordState: 'ACTIVE' }]);
  });

  test('makes the package of the audit larger, and no other', async () => {
    const sizeOf = async (folder: string, name: string) => (await stat(join(folder, `${name}.zip`))).size;
    for (const name of ['enforceIngress', 'enforceSecurityGroup']) {
      expect(await codeOf(enforcingFolder, name), name).not.toContain('/findings/import');
    }
    expect(await codeOf(enforcingFolder, 'auditGrants')).toContain('/findings/import');
    expect(await sizeOf(enforcingFolder, 'auditGrants')).toBeLessThan(AUDIT_WITH_SECURITY_HUB);
  });
});

describe('the setting chat', () => {
  const MESSAGES = ['GrantOutcomeRule', 'SecurityGroupOutcomeRule', 'GrantFailureRule', 'AuditOutcomeRule'];
  interface Target {
    readonly Arn: object;
    readonly Input?: string;
    readonly InputPath?: string;
    readonly InputTransformer?: object;
  }
  const targetsOf = ({ Resources }: Template, id: string): Target[] => Resources[id]?.Properties.Targets;

  test('is off unless somebody says otherwise: nothing of it is in the stack or in the package', async () => {
    expect(JSON.stringify(packages.reporting)).not.toMatch(/ChatTopic|responsePayload\.chat/);
    for (const [name] of FUNCTIONS)
      expect(await codeOf(inject('packageFolder'), name)).not.toContain('client-markdown');
  });

  test.each(MESSAGES)('gives %s a second target, and leaves that of mails as it is', (id) => {
    const [mail, chat, ...others] = targetsOf(packages.enforcing, id);

    expect(others).toEqual([]);
    expect(mail).toEqual(targetsOf(packages.reporting, id)[0]);
    expect(mail?.Arn).toEqual({ Ref: 'AlertTopic' });
    expect(chat).toMatchObject({
      Arn: { Ref: 'ChatTopic' },
      DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['UndeliveredQueue', 'Arn'] } },
    });
    // EventBridge API Reference, Target: these exclude each other.
    expect([chat?.Input, chat?.InputPath, chat?.InputTransformer].filter(Boolean)).toHaveLength(1);
  });

  test('hands on what the function made, and never puts a value into a text', () => {
    const chats = MESSAGES.map((id) => targetsOf(packages.enforcing, id)[1]);

    expect(chats.map((chat) => chat?.InputPath)).toEqual([
      ...Array(2).fill('$.detail.responsePayload.chat'),
      undefined,
      '$.detail.responsePayload.chat',
    ]);
    expect(JSON.parse(chats[2]?.Input ?? '')).toMatchObject({
      version: '1.0',
      source: 'custom',
      content: { textType: 'client-markdown', title: expect.stringContaining('could not be evaluated') },
    });
  });

  test('has mails subscribed to the topic of mails alone, and alarms notify both', () => {
    const subscribed = ofType(packages.enforcing, 'AWS::SNS::Subscription').map(([, one]) => one.Properties.TopicArn);
    expect(subscribed).toEqual([{ Ref: 'AlertTopic' }]);
    expect(packages.enforcing.Outputs.ChatTopicArn?.Value).toEqual({ Ref: 'ChatTopic' });
    for (const [id, { Properties }] of ofType(packages.enforcing, 'AWS::CloudWatch::Alarm')) {
      expect(Properties.AlarmActions, id).toEqual([{ Ref: 'AlertTopic' }, { Ref: 'ChatTopic' }]);
      expect(Properties.OKActions, id).toEqual(Properties.AlarmActions);
    }
    for (const [id, { Properties }] of ofType(packages.reporting, 'AWS::CloudWatch::Alarm')) {
      expect(Properties.AlarmActions, id).toEqual([{ Ref: 'AlertTopic' }]);
    }
  });
});

/** All that a function's package holds. */
async function codeOf(folder: string, name: string): Promise<string> {
  const files = await readZip(join(folder, `${name}.zip`));
  return [...files.values()].map((file) => file.toString('utf8')).join('\n');
}

const takenBy = (functionLogicalId: string) =>
  compileEventPattern(watchingRule(packages.reporting, functionLogicalId)[1].Properties.EventPattern);

describe('the rule that watches cache security groups', () => {
  test('takes successful calls and its heartbeat, and nothing else', () => {
    const takes = takenBy('EnforceIngressLambdaFunction');
    const event = sampleEvent('authorize-ingress');

    expect(takes(event)).toBe(true);
    expect(takes({ ...event, source: 'ingress-guard.heartbeat' })).toBe(true);
    expect(takes({ ...event, source: 'somebody.else' })).toBe(false);
    expect(SAMPLE_NAMES.filter((name) => takes(sampleEvent(name)))).toEqual(
      CLASSIC_SAMPLE_NAMES.filter((name) => !/failed|denied|revoke/.test(name)),
    );
  });
});

describe('the rule that watches security groups', () => {
  test('takes no failed call but that of the heartbeat', () => {
    const takes = takenBy('EnforceSecurityGroupLambdaFunction');
    const failed = sampleEvent('authorize-security-group-ingress-failed');
    const of = (errorCode: string, groupId: string) =>
      withChanges(failed, { 'detail.errorCode': errorCode, 'detail.requestParameters.groupId': groupId });

    expect(takes(of('Client.InvalidGroup.NotFound', 'sg-00000000000000000'))).toBe(true);
    expect(takes(of('Client.InvalidGroup.NotFound', 'sg-0a1b2c3d4e5f60001'))).toBe(false);
    expect(takes(of('Client.UnauthorizedOperation', 'sg-00000000000000000'))).toBe(false);
  });

  test.each([
    ['a new rule', 'authorize-security-group-ingress'],
    ['an edited rule', 'modify-security-group-rules'],
    ['a new cache', 'create-cache-cluster'],
    ['a changed replication group', 'modify-replication-group'],
    ['a new serverless cache', 'create-serverless-cache'],
  ])('takes %s', (_, name) => {
    expect(takenBy('EnforceSecurityGroupLambdaFunction')(sampleEvent(name))).toBe(true);
  });

  test('takes a change of a cache whose parameters CloudTrail left out', () => {
    const leftOut = withChanges(sampleEvent('modify-replication-group'), { 'detail.requestParameters': null });

    expect(takenBy('EnforceSecurityGroupLambdaFunction')(leftOut)).toBe(true);
  });

  test('takes nothing else: no call that failed, no egress rule, nothing of cache security groups', () => {
    const takes = takenBy('EnforceSecurityGroupLambdaFunction');
    const taken = SAMPLE_NAMES.filter((name) => takes(sampleEvent(name)));

    expect(taken).toEqual(
      SECURITY_GROUP_SAMPLE_NAMES.filter((name) => !/egress|failed|dry-run|unauthorized/.test(name)),
    );
    expect(takes({ ...sampleEvent('authorize-security-group-ingress'), source: 'somebody.else' })).toBe(false);
  });

  test('takes every call that can open a cache through its security groups', () => {
    const { detail } = watchingRule(packages.reporting, 'EnforceSecurityGroupLambdaFunction')[1].Properties
      .EventPattern;

    expect(detail.eventName.filter((name: string) => !isSecurityGroupCall(name))).toEqual([]);
    expect(detail.eventName).toHaveLength(10);
  });
});

/** All of a grant that lets anybody in, but for its source. */
const openToAll = {
  kind: 'vpc',
  account: '123456789012',
  region: 'us-east-1',
  target: { cacheName: 'sessions', ports: [6379], securityGroupId: 'sg-0a1b2c3d', securityGroupRuleId: 'sgr-0a1b2c3d' },
};

describe('the rules that tell people', () => {
  const toldBy = (id: string) => {
    const pattern = JSON.stringify(packages.reporting.Resources[id]?.Properties.EventPattern);
    return compileEventPattern(JSON.parse(pattern.replaceAll(/\{"Fn::GetAtt":\["(\w+)","Arn"\]\}/g, '"arn:$1"')));
  };
  const result = (
    functionArn: string,
    how: 'Success' | 'Failure',
    responsePayload: object,
    source = 'aws.elasticache',
  ) => ({
    source: 'lambda',
    'detail-type': `Lambda Function Invocation Result - ${how}`,
    detail: { requestContext: { functionArn: `${functionArn}:$LATEST` }, requestPayload: { source }, responsePayload },
  });
  const enforce = (how: 'Success' | 'Failure', payload: object) =>
    result('arn:EnforceIngressLambdaFunction', how, payload);
  const enforceSecurityGroup = (how: 'Success' | 'Failure', payload: object) =>
    result('arn:EnforceSecurityGroupLambdaFunction', how, payload, 'aws.ec2');
  const audit = (payload: object) => result('arn:AuditGrantsLambdaFunction', 'Success', payload);

  test.each([
    ['revoked', true],
    ['would-revoke', true],
    ['allowed', false],
    ['already-gone', false],
    ['ignored', false],
  ])('of a grant that is %s: %s', (outcome, told) => {
    expect(toldBy('GrantOutcomeRule')(enforce('Success', { outcome }))).toBe(told);
    expect(toldBy('SecurityGroupOutcomeRule')(enforce('Success', { outcome }))).toBe(false);
  });

  test.each([
    ['revoked', true],
    ['would-revoke', true],
    ['held', true],
    ['allowed', false],
    ['already-gone', false],
    ['ignored', false],
  ])('of a rule of a security group that is %s: %s', (outcome, told) => {
    expect(toldBy('SecurityGroupOutcomeRule')(enforceSecurityGroup('Success', { outcome }))).toBe(told);
    expect(toldBy('GrantOutcomeRule')(enforceSecurityGroup('Success', { outcome }))).toBe(false);
  });

  test.each([
    ['revoked', {}, true],
    ['would-revoke', {}, false],
    ['held', {}, false],
    ['held', { grants: [{ outcome: 'held' }, { outcome: 'pending' }] }, false],
    ['held', { grants: [{ outcome: 'held' }, { outcome: 'revoked' }] }, true],
    ['pending', {}, false],
  ])(
    'come once of an event that waits for a cache, which is handled every two minutes: %s, %j: %s',
    (outcome, more, told) => {
      const waiting = { outcome, ...more, awaits: 'cache `sessions` is being created and has no port yet' };

      expect(toldBy('SecurityGroupOutcomeRule')(enforceSecurityGroup('Success', waiting))).toBe(told);
    },
  );

  test('name whom a rule of a security group lets in, whatever it is', () => {
    const [target] = packages.reporting.Resources.SecurityGroupOutcomeRule?.Properties.Targets ?? [];
    const { InputPathsMap, InputTemplate } = target.InputTransformer;
    const tell = (source: object) => {
      const outcome = { outcome: 'revoked', grant: { ...openToAll, source }, grantedBy: {}, problem: undefined };
      const read = (path: string) =>
        path
          .replace('$.', '')
          .split(/[.[\]]+/)
          .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], {
            detail: { responsePayload: outcome },
          });
      return InputTemplate.replace(/<(\w+)>/g, (_: string, name: string) => read(InputPathsMap[name]) ?? '');
    };

    expect(tell({ kind: 'cidr', cidr: '0.0.0.0/0' })).toContain(
      'of security group sg-0a1b2c3d let 0.0.0.0/0 reach cache sessions',
    );
    expect(tell({ kind: 'prefixList', prefixListId: 'pl-0a1b2c3d' })).toContain(
      ' let pl-0a1b2c3d reach cache sessions',
    );
    expect(tell({ securityGroupId: 'sg-0f0f0f0f' })).toContain(' let sg-0f0f0f0f reach cache sessions');
  });

  test('tell of every failure but that of a heartbeat, which stands for no grant', () => {
    const heartbeat = result('arn:EnforceIngressLambdaFunction', 'Failure', {}, 'ingress-guard.heartbeat');
    expect(toldBy('GrantFailureRule')(heartbeat)).toBe(false);
    expect(toldBy('GrantFailureRule')(enforceSecurityGroup('Failure', { errorType: 'EnforcementFailedError' }))).toBe(
      true,
    );
    expect(toldBy('GrantFailureRule')(enforce('Failure', { errorType: 'EnforcementFailedError' }))).toBe(true);
    expect(toldBy('GrantFailureRule')(audit({ errorType: 'AllowlistError' }))).toBe(false);
  });

  const EIGHT = '2026-11-03T08:17:00.000Z';
  const NINE = '2026-11-03T09:17:00.000Z';
  test.each([
    ['a revoked grant', { startedAt: NINE, complete: true, counts: { outcomes: { revoked: 1 } } }, true],
    [
      'grants that would be revoked',
      { startedAt: EIGHT, complete: true, counts: { outcomes: { 'would-revoke': 3 } } },
      true,
    ],
    ['the same an hour later', { startedAt: NINE, complete: true, counts: { outcomes: { 'would-revoke': 3 } } }, false],
    ['held grants', { startedAt: EIGHT, complete: true, counts: { outcomes: { allowed: 3, held: 12 } } }, true],
    ['still held grants', { startedAt: NINE, complete: true, counts: { outcomes: { allowed: 3, held: 12 } } }, false],
    [
      'a grant that it could not revoke',
      { startedAt: EIGHT, complete: true, counts: { outcomes: { failed: 1 } } },
      true,
    ],
    ['something not judged', { startedAt: EIGHT, complete: false, counts: { outcomes: { allowed: 3 } } }, true],
    ['still not judged', { startedAt: NINE, complete: false, counts: { outcomes: { allowed: 3 } } }, false],
    ['nothing but allowed grants', { startedAt: EIGHT, complete: true, counts: { outcomes: { allowed: 3 } } }, false],
  ])('tell of an audit when it acts, and once a day of what it only finds: %s', (_, payload, told) => {
    expect(toldBy('AuditOutcomeRule')(audit(payload))).toBe(told);
  });

  test('publish to the topic, and keep what cannot be delivered where an alarm reports it', () => {
    const rules = ofType(packages.reporting, 'AWS::Events::Rule').filter(([id]) => /(Outcome|Failure)Rule$/.test(id));

    expect(rules).toHaveLength(4);
    for (const [, { Properties }] of rules) {
      expect(Properties.Targets).toHaveLength(1);
      expect(Properties.Targets[0]).toMatchObject({
        Arn: { Ref: 'AlertTopic' },
        DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['UndeliveredQueue', 'Arn'] } },
      });
    }
  });

  test('keep a mail that could not be delivered, where an alarm reports it', () => {
    const { RedrivePolicy } = packages.enforcing.Resources.AlertSubscription?.Properties ?? {};

    expect(RedrivePolicy.deadLetterTargetArn).toEqual({ 'Fn::GetAtt': ['UndeliveredQueue', 'Arn'] });
  });
});
