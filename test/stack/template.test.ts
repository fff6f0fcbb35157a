import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ec2 from '@aws-sdk/client-ec2';
import * as elastiCache from '@aws-sdk/client-elasticache';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { isSecurityGroupCall } from '../../src/cloudtrail/parse-security-group-event.ts';
import { compileEventPattern } from '../../src/local/event-pattern.ts';
import {
  CLASSIC_SAMPLE_NAMES,
  SAMPLE_NAMES,
  SECURITY_GROUP_SAMPLE_NAMES,
  sampleEvent,
  withChanges,
} from '../events/sample-events.ts';
import { ENFORCE_WITH_EVERYTHING, runServerlessPackage } from '../support/serverless-package.ts';
import { readZip } from '../support/unzip.ts';
import { actionsOf, ofType, readTemplate, statementsOf, type Template } from './template.ts';
import { RULES, watchingRule } from './template-rules.ts';

/** What the Serverless Framework asks stack/archive.cjs for. */
const archiveIn = createRequire(import.meta.url)('../../stack/archive.cjs') as (context: {
  resolveVariable(name: string): Promise<string>;
}) => Promise<Partial<Template>>;

let reporting: Template;
let enforcing: Template;
let enforcingFolder: string;

beforeAll(async () => {
  reporting = await readTemplate(inject('packageFolder'));
  enforcingFolder = await mkdtemp(join(tmpdir(), 'ingress-guard-enforce-'));
  enforcing = await packageInto(enforcingFolder, ENFORCE_WITH_EVERYTHING);
});
afterAll(() => rm(enforcingFolder, { recursive: true, force: true }));

async function packageInto(folder: string, options: readonly string[]): Promise<Template> {
  const { exitCode, output } = await runServerlessPackage(folder, {}, options);
  expect(exitCode, output).toBe(0);
  return readTemplate(folder);
}

describe.each(Object.entries(RULES))('%s', (_, findBreaches) => {
  test('in report-only mode', () => expect(findBreaches(reporting)).toEqual([]));
  test('in enforce mode, with everything that can be switched on', () => expect(findBreaches(enforcing)).toEqual([]));
});

test.each([
  ['us-east-1', true],
  ['us-gov-west-1', true],
  ['cn-north-1', true],
  ['ca-west-1', false],
  ['mx-central-1', false],
])('the watched events are archived in %s: %s', async (region, archived) => {
  const { Resources = {} } = await archiveIn({ resolveVariable: async () => region });

  expect('WatchedEventsArchive' in Resources).toBe(archived);
});

/** Every operation that the SDK's clients know, as policies name them. */
const OPERATIONS = Object.entries({ ec2, elasticache: elastiCache }).flatMap(([service, client]) =>
  Object.keys(client)
    .filter((name) => /^[A-Z].*Command$/.test(name))
    .map((name) => ({ service, operation: name.replace(/Command$/, '') })),
);

/** Calls that look, and change nothing. */
const LOOKING = /^(ec2|elasticache):Describe/;

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
    expect(watched(reporting, role).filter((action) => !LOOKING.test(action))).toEqual([]);
  });

  test('hold no right to revoke anywhere in report-only mode', () => {
    expect(JSON.stringify(reporting)).not.toMatch(/"(ec2|elasticache):(?!Describe)/);
  });

  test('allow to look at no more than what is judged in report-only mode', () => {
    const atSecurityGroups = [
      'ec2:DescribeSecurityGroupRules',
      'ec2:DescribeSecurityGroups',
      'elasticache:DescribeCacheClusters',
      'elasticache:DescribeServerlessCaches',
    ];

    expect(watched(reporting, 'EnforceIngressRole')).toEqual([]);
    expect(watched(reporting, 'EnforceSecurityGroupRole')).toEqual(atSecurityGroups);
    expect(watched(reporting, 'AuditGrantsRole')).toEqual(
      [...atSecurityGroups, 'elasticache:DescribeCacheSecurityGroups'].sort(),
    );
  });

  test.each(FUNCTIONS)(
    'allow %s just the calls to ElastiCache and EC2 that its bundle can send',
    async (name, role) => {
      const files = await readZip(join(enforcingFolder, `${name}.zip`));
      const code = [...files.values()].map((file) => file.toString('utf8')).join('\n');
      // As an argument: that is how commands are made. Our own code compares names of calls, too.
      const sent = OPERATIONS.filter(({ operation }) => code.includes(`,"${operation}",`));

      expect(watched(enforcing, role)).toEqual(sent.map(({ service, operation }) => `${service}:${operation}`).sort());
    },
  );

  test('allow to revoke rules of this account’s security groups only', () => {
    for (const [, role] of FUNCTIONS.slice(1)) {
      const revoking = statementsOf(roleOf(enforcing, role)).find(({ Sid }) => Sid === 'RevokeRules');

      expect(revoking).toMatchObject({
        Action: ['ec2:RevokeSecurityGroupIngress'],
        Resource: { 'Fn::Sub': 'arn:${AWS::Partition}:ec2:*:${AWS::AccountId}:security-group/*' },
      });
    }
  });

  test('allow to look and to revoke in the regions that are watched, and in no other', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ingress-guard-regions-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const inTwoRegions = await packageInto(folder, ['--param=mode=enforce', '--param=regions=us-east-1, eu-west-1']);
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
    const vpc = ['LookAtCaches', 'LookAtRules', 'RevokeRules', 'LookWhatElseIsBehindAGroup'];
    const own = ['${AWS::Region}'];
    for (const template of [enforcing, inTwoRegions]) {
      expect(regionsOf(template, 'EnforceIngressRole')).toEqual(all(classic, own));
      expect(regionsOf(template, 'EnforceSecurityGroupRole')).toEqual(all(vpc, own));
    }
    expect(regionsOf(enforcing, 'AuditGrantsRole')).toEqual(all([...classic, ...vpc], own));
    expect(regionsOf(inTwoRegions, 'AuditGrantsRole')).toEqual(all([...classic, ...vpc], ['us-east-1', 'eu-west-1']));
  });

  test('allow the audit to store reports only where reports go, and only if there is a bucket', () => {
    expect(actionsOf(roleOf(reporting, 'AuditGrantsRole'))).not.toContain('s3:PutObject');
    expect(JSON.stringify(roleOf(enforcing, 'AuditGrantsRole'))).toContain('s3:::reports/audits/*');
    expect(actionsOf(roleOf(enforcing, 'EnforceIngressRole'))).not.toContain('s3:PutObject');
  });
});

const takenBy = (functionLogicalId: string) =>
  compileEventPattern(watchingRule(reporting, functionLogicalId)[1].Properties.EventPattern);

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
    const { detail } = watchingRule(reporting, 'EnforceSecurityGroupLambdaFunction')[1].Properties.EventPattern;

    expect(detail.eventName.filter((name: string) => !isSecurityGroupCall(name))).toEqual([]);
    expect(detail.eventName).toHaveLength(8);
  });
});

/** All of a grant that lets anybody in, but for its source. */
const openToAll = {
  account: '123456789012',
  region: 'us-east-1',
  target: { cacheName: 'sessions', ports: [6379], securityGroupId: 'sg-0a1b2c3d', securityGroupRuleId: 'sgr-0a1b2c3d' },
};

describe('the rules that tell people', () => {
  const toldBy = (id: string) => {
    const pattern = JSON.stringify(reporting.Resources[id]?.Properties.EventPattern);
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

  test('name whom a rule of a security group lets in, whatever it is', () => {
    const [target] = reporting.Resources.SecurityGroupOutcomeRule?.Properties.Targets ?? [];
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

    expect(tell({ cidr: '0.0.0.0/0' })).toContain('of security group sg-0a1b2c3d let 0.0.0.0/0 reach cache sessions');
    expect(tell({ prefixListId: 'pl-0a1b2c3d' })).toContain(' let pl-0a1b2c3d reach cache sessions');
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
    const rules = ofType(reporting, 'AWS::Events::Rule').filter(([id]) => /(Outcome|Failure)Rule$/.test(id));

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
    const { RedrivePolicy } = enforcing.Resources.AlertSubscription?.Properties ?? {};

    expect(RedrivePolicy.deadLetterTargetArn).toEqual({ 'Fn::GetAtt': ['UndeliveredQueue', 'Arn'] });
  });
});
