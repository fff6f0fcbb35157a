import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as sdk from '@aws-sdk/client-elasticache';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { compileEventPattern } from '../../src/local/event-pattern.ts';
import { sampleEvent } from '../events/sample-events.ts';
import { ENFORCE_WITH_EVERYTHING, runServerlessPackage } from '../support/serverless-package.ts';
import { readZip } from '../support/unzip.ts';
import { actionsOf, ofType, readTemplate, statementsOf, type Template } from './template.ts';
import { RULES, watchingRule } from './template-rules.ts';

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

/** Every operation that the SDK's client knows, in order. */
const OPERATIONS = Object.keys(sdk)
  .filter((name) => /^[A-Z].*Command$/.test(name))
  .map((name) => name.replace(/Command$/, ''))
  .sort();

describe('the roles', () => {
  const roleOf = (template: Template, id: string) => {
    const [, role] = ofType(template, 'AWS::IAM::Role').find(([one]) => one === id) ?? [];
    if (role === undefined) throw new Error(`there is no role ${id}`);
    return role;
  };
  const elastiCache = (template: Template, id: string): string[] =>
    actionsOf(roleOf(template, id))
      .filter((action) => action.startsWith('elasticache:'))
      .map((action) => action.replace('elasticache:', ''))
      .sort();

  test('can revoke nothing in report-only mode', () => {
    expect(JSON.stringify(reporting)).not.toMatch(/"elasticache:(?!Describe)/);
    expect(elastiCache(reporting, 'EnforceIngressRole')).toEqual([]);
    expect(elastiCache(reporting, 'AuditGrantsRole')).toEqual(['DescribeCacheSecurityGroups']);
  });

  test.each([
    ['enforceIngress', 'EnforceIngressRole'],
    ['auditGrants', 'AuditGrantsRole'],
  ])('allow %s just the ElastiCache calls that its bundle can send', async (name, role) => {
    const files = await readZip(join(enforcingFolder, `${name}.zip`));
    const code = [...files.values()].map((file) => file.toString('utf8')).join('\n');
    // As an argument: that is how commands are made. Our own code compares names of calls, too.
    const operations = OPERATIONS.filter((operation) => code.includes(`,"${operation}",`));

    expect(elastiCache(enforcing, role)).toEqual(operations);
  });

  test('allow to look and to revoke in the regions that are watched, and in no other', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ingress-guard-regions-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const inTwoRegions = await packageInto(folder, ['--param=mode=enforce', '--param=regions=us-east-1, eu-west-1']);
    const regionsOf = (template: Template, id: string) => {
      const statements = statementsOf(roleOf(template, id));
      const of = (sid: string) => statements.find(({ Sid }) => Sid === sid);
      return {
        look: JSON.stringify(of('LookAtGrants')?.Resource).match(/(?<=:elasticache:)[^:]+(::Region\})?/g),
        revoke: of('RevokeGrants')?.Condition?.StringEquals?.['aws:RequestedRegion'],
      };
    };

    const own = { look: ['${AWS::Region}'], revoke: [{ 'Fn::Sub': '${AWS::Region}' }] };
    expect(regionsOf(enforcing, 'EnforceIngressRole')).toEqual(own);
    expect(regionsOf(enforcing, 'AuditGrantsRole')).toEqual(own);
    expect(regionsOf(inTwoRegions, 'EnforceIngressRole')).toEqual(own);
    expect(regionsOf(inTwoRegions, 'AuditGrantsRole')).toEqual({
      look: ['us-east-1', 'eu-west-1'],
      revoke: [{ 'Fn::Sub': 'us-east-1' }, { 'Fn::Sub': 'eu-west-1' }],
    });
  });

  test('allow the audit to store reports only where reports go, and only if there is a bucket', () => {
    expect(actionsOf(roleOf(reporting, 'AuditGrantsRole'))).not.toContain('s3:PutObject');
    expect(JSON.stringify(roleOf(enforcing, 'AuditGrantsRole'))).toContain('s3:::reports/audits/*');
    expect(actionsOf(roleOf(enforcing, 'EnforceIngressRole'))).not.toContain('s3:PutObject');
  });
});

describe('the rule that watches', () => {
  test('takes successful calls and the heartbeat, and nothing else', () => {
    const [, rule] = watchingRule(reporting);
    const takes = compileEventPattern(rule.Properties.EventPattern);
    const event = sampleEvent('authorize-ingress');

    expect(takes(event)).toBe(true);
    expect(takes({ ...event, source: 'ingress-guard.heartbeat' })).toBe(true);
    expect(takes({ ...event, source: 'somebody.else' })).toBe(false);
    expect(takes(sampleEvent('authorize-ingress-failed'))).toBe(false);
    expect(takes(sampleEvent('authorize-ingress-access-denied'))).toBe(false);
    expect(takes(sampleEvent('revoke-ingress'))).toBe(false);
  });
});

describe('the rules that tell people', () => {
  const takenBy = (id: string) => {
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
  const audit = (payload: object) => result('arn:AuditGrantsLambdaFunction', 'Success', payload);

  test.each([
    ['revoked', true],
    ['would-revoke', true],
    ['allowed', false],
    ['already-gone', false],
    ['ignored', false],
  ])('of a grant that is %s: %s', (outcome, told) => {
    expect(takenBy('GrantOutcomeRule')(enforce('Success', { outcome }))).toBe(told);
  });

  test('tell of every failure but that of a heartbeat, which stands for no grant', () => {
    const heartbeat = result('arn:EnforceIngressLambdaFunction', 'Failure', {}, 'ingress-guard.heartbeat');
    expect(takenBy('GrantFailureRule')(heartbeat)).toBe(false);
    expect(takenBy('GrantFailureRule')(enforce('Failure', { errorType: 'EnforcementFailedError' }))).toBe(true);
    expect(takenBy('GrantFailureRule')(audit({ errorType: 'AllowlistError' }))).toBe(false);
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
    expect(takenBy('AuditOutcomeRule')(audit(payload))).toBe(told);
  });

  test('keep a mail that could not be delivered, where an alarm tells of it', () => {
    const { RedrivePolicy } = enforcing.Resources.AlertSubscription?.Properties ?? {};
    const mayWrite = enforcing.Resources.QueuePolicy?.Properties.PolicyDocument.Statement.find(
      ({ Principal }: { Principal: { Service?: string } }) => Principal.Service === 'sns.amazonaws.com',
    );

    expect(RedrivePolicy.deadLetterTargetArn).toEqual({ 'Fn::GetAtt': ['UndeliveredQueue', 'Arn'] });
    expect(mayWrite).toMatchObject({ Action: 'sqs:SendMessage', Resource: RedrivePolicy.deadLetterTargetArn });
  });
});
