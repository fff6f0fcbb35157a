import { createRequire } from 'node:module';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileEventPattern } from '../../src/local/event-pattern.ts';
import { readStack } from '../../src/local/stack.ts';
import { SAMPLE_NAMES, sampleEvent, withChanges } from '../events/sample-events.ts';
import { SERVICE_RULES } from './service-rules.ts';
import { actionsOf, type Resource, type Template } from './template.ts';

interface MemberTemplate extends Template {
  readonly Conditions: Record<string, unknown>;
  readonly Resources: Record<string, Resource & { readonly Condition?: string }>;
}
interface Spoke {
  readonly PATTERN: object;
  memberTemplate(scope: {
    organization: string;
    regions: readonly string[];
    enforces: boolean;
    imports?: boolean;
  }): MemberTemplate;
}
const { PATTERN, memberTemplate } = createRequire(import.meta.url)('../../stack/spoke.cjs') as Spoke;

const ORGANIZATION = 'o-abcde12345';
const REGIONS = ['eu-west-1', 'ap-southeast-2'];
/** As many as there are, with the longest names. */
const MANY_REGIONS = Array.from({ length: 34 }, (_, i) => `ap-southeast-${i + 10}`);
const reporting = memberTemplate({ organization: ORGANIZATION, regions: REGIONS, enforces: false });
const enforcing = memberTemplate({ organization: ORGANIZATION, regions: REGIONS, enforces: true, imports: true });
const widest = memberTemplate({
  organization: `o-${'a'.repeat(32)}`,
  regions: MANY_REGIONS,
  enforces: true,
  imports: true,
});

const REVOKES = /^(ec2|elasticache):(?!Describe|Get)/;

function resource({ Resources }: MemberTemplate, id: string) {
  const found = Resources[id];
  if (found === undefined) throw new Error(`there is no ${id}`);
  return found;
}

describe('the rule of a member', () => {
  let takenByTheHub: (event: object) => boolean;
  beforeAll(async () => {
    const patterns = (await readStack('serverless.yml')).flatMap(({ eventPatterns }) => eventPatterns);
    const compiled = patterns.map(compileEventPattern);
    takenByTheHub = (event) => compiled.some((takes) => takes(event));
  });

  test('sends what one of the hub’s own rules takes, and nothing else', () => {
    const sends = compileEventPattern(PATTERN);
    const events = SAMPLE_NAMES.map(sampleEvent);
    const ofOthers = events.map((event) => ({ ...event, source: 'somebody.else' }));
    const heartbeats = events.map((event) => ({ ...event, source: 'ingress-guard.heartbeat' }));

    const failed = sampleEvent('authorize-security-group-ingress-failed');
    const ofGroup = (groupId: string) =>
      withChanges(failed, {
        'detail.errorCode': 'Client.InvalidGroup.NotFound',
        'detail.requestParameters.groupId': groupId,
      }) as object;
    const calls = [ofGroup('sg-00000000000000000'), ofGroup('sg-0a1b2c3d4e5f60001')];

    expect(calls.map(sends)).toEqual([true, false]);
    for (const event of [...events, ...ofOthers, ...heartbeats, ...calls]) {
      expect(sends(event), JSON.stringify(event)).toBe(takenByTheHub(event));
    }
    expect(events.filter(sends).length).toBeGreaterThan(5);
    expect(events.filter(sends).length).toBeLessThan(events.length);
  });

  test('is in every region, but where the hub has its own', () => {
    expect(resource(enforcing, 'SpokeRule').Condition).toBe('IsNotHub');
    expect(enforcing.Conditions).toEqual({
      IsHome: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, { Ref: 'HomeRegion' }] },
      IsNotHub: {
        'Fn::Not': [
          {
            'Fn::And': [{ 'Fn::Equals': [{ Ref: 'AWS::AccountId' }, { Ref: 'HubAccount' }] }, { Condition: 'IsHome' }],
          },
        ],
      },
    });
  });

  test('sends to the bus of the hub, with a role that can put events there and nowhere else', () => {
    const [target] = resource(enforcing, 'SpokeRule').Properties.Targets;

    expect(target).toMatchObject({ Arn: { Ref: 'HubBus' }, RoleArn: { 'Fn::GetAtt': ['SpokeRole', 'Arn'] } });
    expect(resource(enforcing, 'SpokeRole').Properties.Policies[0].PolicyDocument.Statement).toEqual([
      { Effect: 'Allow', Action: 'events:PutEvents', Resource: { Ref: 'HubBus' } },
    ]);
  });
});

describe('the roles of a member', () => {
  test('are in the home region alone, because a role is of all regions', () => {
    const conditions = Object.entries(enforcing.Resources)
      .filter(([, { Properties }]) => Properties.RoleName !== undefined)
      .map(([id, { Condition }]) => [id, Condition]);

    expect(conditions).toEqual([
      ['ReadRole', 'IsHome'],
      ['RevokeRole', 'IsHome'],
      ['FindingsRole', 'IsHome'],
    ]);
  });

  test('allow to revoke nothing in report-only mode', () => {
    expect(Object.keys(reporting.Resources)).not.toContain('RevokeRole');
    expect(JSON.stringify(reporting)).not.toMatch(/"(ec2|elasticache):(?!Describe|Get)/);
    expect(actionsOf(resource(reporting, 'ReadRole')).filter((action) => REVOKES.test(action))).toEqual([]);
  });

  test('allow to revoke by one role alone in enforce mode, and nothing but that and to look', () => {
    expect(actionsOf(resource(enforcing, 'ReadRole')).filter((action) => REVOKES.test(action))).toEqual([]);
    expect(actionsOf(resource(enforcing, 'RevokeRole')).filter((action) => REVOKES.test(action))).toEqual([
      'elasticache:RevokeCacheSecurityGroupIngress',
      'ec2:RevokeSecurityGroupIngress',
    ]);
  });

  test('allow to look up no events of an account, which would show every call in it', () => {
    const allowed = ['ReadRole', 'RevokeRole', 'FindingsRole'].flatMap((id) => actionsOf(resource(enforcing, id)));

    expect(allowed).toContain('ec2:DescribeSecurityGroupRules');
    expect(allowed.filter((action) => /^(cloudtrail:|\*)/.test(action))).toEqual([]);
  });

  test('allow to import findings by one role alone, with the setting, and nothing but that', () => {
    expect(Object.keys(reporting.Resources)).not.toContain('FindingsRole');
    const allowed = Object.entries(enforcing.Resources).flatMap(([id, one]) =>
      one.Type === 'AWS::IAM::Role' && JSON.stringify(one).includes('securityhub:') ? [[id, ...actionsOf(one)]] : [],
    );
    expect(allowed).toEqual([['FindingsRole', 'securityhub:BatchImportFindings', 'securityhub:GetFindings']]);
  });

  test.each(['ReadRole', 'RevokeRole', 'FindingsRole'])(
    '%s: trusts the roles of the hub by their path and by the organization',
    (id) => {
      expect(resource(enforcing, id).Properties.AssumeRolePolicyDocument.Statement).toEqual([
        {
          Effect: 'Allow',
          Principal: { AWS: { 'Fn::Sub': 'arn:${AWS::Partition}:iam::${HubAccount}:root' } },
          Action: 'sts:AssumeRole',
          Condition: {
            StringEquals: { 'aws:PrincipalOrgID': ORGANIZATION },
            ArnLike: {
              'aws:PrincipalArn': { 'Fn::Sub': 'arn:${AWS::Partition}:iam::${HubAccount}:role/ingress-guard/*' },
            },
          },
        },
      ]);
    },
  );

  test.each(['ReadRole', 'RevokeRole', 'FindingsRole'])(
    '%s: is of use in the guarded regions and the home region alone',
    (id) => {
      const regions = ['${HomeRegion}', ...REGIONS].map((region) => ({ 'Fn::Sub': region }));
      const statements = resource(enforcing, id).Properties.Policies[0].PolicyDocument.Statement;

      expect(statements.length).toBeGreaterThan(1);
      for (const { Condition } of statements)
        expect(Condition).toEqual({ StringEquals: { 'aws:RequestedRegion': regions } });
    },
  );
});

describe('the template of members', () => {
  // CloudFormation API Reference, AWS::CloudFormation::StackSet, TemplateBody.
  test('is no longer than a StackSet takes, with every region', () => {
    expect(Buffer.byteLength(JSON.stringify(widest))).toBeLessThan(51_200);
  });

  test('has something in the home region of the hub, since CloudFormation makes no empty stack', () => {
    const there = Object.values(reporting.Resources).filter(({ Condition }) => Condition !== 'IsNotHub');

    expect(there.length).toBeGreaterThan(0);
  });

  test('has no code of ours: rules, roles and queues alone', () => {
    expect([...new Set(Object.values(enforcing.Resources).map(({ Type }) => Type))].sort()).toEqual([
      'AWS::Events::Rule',
      'AWS::IAM::Role',
      'AWS::SQS::Queue',
      'AWS::SQS::QueuePolicy',
    ]);
  });

  test.each(Object.entries(SERVICE_RULES))('%s', (_, findBreaches) => {
    expect(findBreaches(deployed(widest))).toEqual([]);
  });
});

/** With values for its parameters. */
function deployed(template: MemberTemplate): Template {
  const text = JSON.stringify(template)
    .replaceAll('{"Ref":"HubBus"}', '"arn:aws-us-gov:events:ap-southeast-7:999988887777:event-bus/ingress-guard-prod"')
    .replaceAll('${HubAccount}', '999988887777')
    .replaceAll('${HomeRegion}', 'ap-southeast-7');
  return JSON.parse(text);
}
