import { readFile } from 'node:fs/promises';
import { describe, expect, test, vi } from 'vitest';
import { isOneLine } from '../../src/cli/one-line.ts';
import type { Trail } from '../../src/local/cloudtrail/trails.ts';
import { expectHelp, expectRefusal, runCli } from '../support/commands/run-cli.ts';
import { ACCOUNT, REGION } from '../support/examples/grants.ts';
import { OTHER_REGION } from '../support/local-aws/local-endpoint.ts';
import { MEMBER } from '../support/local-aws/organization.ts';
import { type SoundStack, startSoundStack } from '../support/local-aws/sound-stack.ts';
import { startSsm } from '../support/scripted/remote-allowlists.ts';
import { folderWith } from '../support/tools/folder.ts';

interface Line {
  readonly check: string;
  readonly verdict: string;
  readonly text: string;
  readonly fix?: string;
}

/** Runs `doctor`, and gives its lines that are not ok. */
async function examine(...more: string[]): Promise<{ exitCode: number; bad: Line[]; all: Line[] }> {
  const { exitCode, stdout, stderr } = await runCli(['doctor', '--region', REGION, '--format', 'json', ...more]);
  expect(stderr).toBe('');
  const { checks } = JSON.parse(stdout) as { checks: Line[] };
  return { exitCode, all: checks, bad: checks.filter(({ verdict }) => verdict !== 'ok') };
}

const RULE = 'elasticache-ingress-guard-prod-enforceIngress';

function changeTrail({ aws }: SoundStack, changes: object): void {
  for (const trail of aws.accounts.home.trails.in(REGION)) Object.assign(trail, changes);
}
function selecting(changes: object): Partial<Trail> {
  const all = {
    ReadWriteType: 'All',
    IncludeManagementEvents: true,
    DataResources: [],
    ExcludeManagementEventSources: [],
  };
  return { eventSelectors: [{ ...all, ...changes } as never] };
}
function selectingField(field: object): object {
  const FieldSelectors = [{ Field: 'eventCategory', Equals: ['Management'] }, field];
  return { eventSelectors: undefined, advancedEventSelectors: [{ FieldSelectors }] };
}
/** Gives the role of a function policies of its own. */
function changeRole(stack: SoundStack, name: string, ...actions: string[]): void {
  const roleName = stack.function(name).role.split('/').at(-1) ?? '';
  stack.aws.accounts.home.roles.put({
    name: roleName,
    trustPolicy: {
      Statement: { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
    },
    policies: [{ Statement: { Effect: 'Allow', Action: actions, Resource: '*' } }],
  });
}
function topicOf({ region, output }: SoundStack) {
  const topic = region.topics.find(output('AlertTopicArn'));
  if (topic === undefined) throw new Error('the stack has no topic');
  return topic;
}
function queueOf({ region, output }: SoundStack, id: string) {
  const queue = region.queues.find(output(`${id}Url`).split('/').at(-1) ?? '');
  if (queue === undefined) throw new Error(`the stack has no ${id}`);
  return queue;
}

describe('ingress-guard doctor', () => {
  test('says with the setting chat whether a channel gets messages', async () => {
    const { region, output } = await startSoundStack({ chat: true });
    const before = await examine();
    region.topics.find(output('ChatTopicArn'))?.subscriptions.push({
      protocol: 'https',
      endpoint: 'https://global.sns-api.chatbot.amazonaws.com',
      arn: `${output('ChatTopicArn')}:1`,
    });
    const after = await examine();

    expect(before.bad).toMatchObject([
      { check: 'subscription', verdict: 'wrong', text: expect.stringContaining('no chat channel gets messages') },
    ]);
    expect(before.bad[0]?.fix).toContain(output('ChatTopicArn'));
    expect(after.bad).toEqual([]);
    expect(after.all.map(({ text }) => text)).toContain('a chat channel gets alarms and messages');
  });

  test.each([['enforce'], ['report-only']])('finds nothing wrong with a sound stack in mode %s', async (mode) => {
    await startSoundStack({ mode });

    const { exitCode, stdout } = await runCli([
      'doctor',
      ...['--region', REGION, '--mode', mode, '--allowlist', 'allowlist.yaml'],
    ]);

    expect(stdout).toMatch(/\nAll ok: \d+ checks\.\n$/);
    expect(stdout).not.toMatch(/^(wrong|unknown)/m);
    expect(exitCode).toBe(0);
  });

  test('finds nothing wrong with a sound stack of an organization', async () => {
    await startSoundStack({ hub: true });

    const { exitCode, bad, all } = await examine();

    expect(bad).toEqual([]);
    expect(exitCode).toBe(0);
    expect(all).toContainEqual(expect.objectContaining({ check: 'organization', verdict: 'ok' }));
  });

  test('finds nothing wrong without EC2-Classic and with hidden managed resources, and says so', async () => {
    const { region } = await startSoundStack({ vpcOnly: true });
    region.managedResources.defaultVisibility = 'hidden';

    const { exitCode, all } = await examine();

    const texts = all.filter(({ check }) => check === 'account').map(({ text }) => text);
    expect(texts).toEqual([
      expect.stringContaining('there is no EC2-Classic'),
      expect.stringContaining('managed resources are hidden'),
    ]);
    expect(exitCode).toBe(0);
  });

  test('makes no call but those that read', async () => {
    const { calls } = await startSoundStack();

    await examine();

    expect(calls.length).toBeGreaterThan(30);
    expect(calls.filter(({ readOnly }) => !readOnly)).toEqual([]);
  });

  test.each<[string, (stack: SoundStack) => void, check: string, text: RegExp, fix: RegExp, ...more: string[]]>([
    [
      'there is no trail',
      ({ aws }) => aws.accounts.home.trails.delete('management-events'),
      'trail',
      /no trail logs events in us-east-1/,
      /^aws cloudtrail create-trail .* --is-multi-region-trail/,
    ],
    [
      'the trail is stopped',
      (stack) => changeTrail(stack, { isLogging: false }),
      'trail',
      /management-events is not logging/,
      new RegExp(
        `^aws cloudtrail start-logging --name arn:aws:cloudtrail:${REGION}:${ACCOUNT}:trail/management-events`,
      ),
    ],
    [
      'the trail has data events alone',
      (stack) => changeTrail(stack, selecting({ IncludeManagementEvents: false })),
      'trail',
      /does not log write management events of ec2.amazonaws.com and elasticache.amazonaws.com/,
      /^aws cloudtrail put-event-selectors /,
    ],
    [
      'the trail logs calls that read alone',
      (stack) => changeTrail(stack, selecting({ ReadWriteType: 'ReadOnly' })),
      'trail',
      /does not log write management events/,
      /^aws cloudtrail put-event-selectors /,
    ],
    [
      'the trail leaves EC2 out',
      (stack) => changeTrail(stack, selectingField({ Field: 'eventSource', NotEquals: ['ec2.amazonaws.com'] })),
      'trail',
      /does not log write management events of ec2.amazonaws.com:/,
      /^aws cloudtrail put-event-selectors /,
    ],
    [
      'the trail is of another region alone',
      (stack) => changeTrail(stack, { isMultiRegion: false, homeRegion: OTHER_REGION }),
      'trail',
      /no trail logs events in us-east-1/,
      /^aws cloudtrail create-trail /,
    ],
    [
      'a rule that watches is disabled',
      ({ changeRule }) => changeRule(RULE, { state: 'DISABLED' }),
      'rule',
      /EnforceIngressEventBridgeRule1 .* is disabled/,
      new RegExp(`^aws events enable-rule --name ${RULE} --region us-east-1$`),
    ],
    [
      'the rule of messages is disabled',
      ({ changeRule }) =>
        changeRule(`elasticache-ingress-guard-prod-GrantFailureRule-${REGION}`, { state: 'DISABLED' }),
      'rule',
      /GrantFailureRule .* is disabled/,
      /^aws events enable-rule /,
    ],
    [
      'the schedule of audits is disabled',
      ({ changeRule, output }) => changeRule(output('AuditScheduleRuleName'), { state: 'DISABLED' }),
      'rule',
      /AuditGrantsEventsRuleSchedule1 .* is disabled/,
      /^aws events enable-rule /,
    ],
    [
      'a rule takes other events',
      ({ changeRule }) => changeRule(RULE, { eventPattern: { source: ['aws.rds'] } }),
      'rule',
      /takes other events than this version/,
      /^npx serverless deploy --stage prod --region us-east-1/,
    ],
    [
      'the rule may not invoke its function',
      (stack) => Object.assign(stack.function('enforceIngress'), { policy: [] }),
      'rule',
      new RegExp(`${RULE} has no permission to invoke enforceIngress`),
      new RegExp(
        `^aws lambda add-permission --function-name enforceIngress .* --source-arn arn:aws:events:.*:rule/${RULE} `,
      ),
    ],
    [
      'a function is not there',
      ({ region }) => region.functions.delete('auditGrants'),
      'function',
      /AuditGrants \(auditGrants\) is not there/,
      /^npx serverless remove .* && npx serverless deploy/,
    ],
    [
      'a function is throttled to zero',
      (stack) => Object.assign(stack.function('enforceIngress'), { reservedConcurrency: 0 }),
      'function',
      /enforceIngress is throttled to zero/,
      /^aws lambda delete-function-concurrency --function-name enforceIngress --region us-east-1$/,
    ],
    [
      'a function has failed',
      (stack) => Object.assign(stack.function('enforceIngress'), { state: 'Failed' }),
      'function',
      /enforceIngress is Failed/,
      /^npx serverless deploy /,
    ],
    [
      'the mode is not the one that is wanted',
      () => {},
      'mode',
      /it is enforce, and should be report-only/,
      /--param="mode=report-only"$/,
      ...['--mode', 'report-only'],
    ],
    [
      'the packaged allowlist is another',
      () => {},
      'allowlist',
      /the packaged allowlist is another than .*other\.yaml/,
      /^INGRESS_GUARD_ALLOWLIST=.*other\.yaml npx serverless deploy/,
      ...['--allowlist', 'other.yaml'],
    ],
    [
      'the functions evaluate by different allowlists',
      (stack) => Object.assign(stack.function('auditGrants').environment, { INGRESS_GUARD_ALLOWLIST: 'ssm:/guard' }),
      'allowlist',
      /the functions differ: the packaged one in .*; ssm:\/guard in auditGrants/,
      /^npx serverless deploy /,
    ],
    [
      'no heartbeat of cache security groups came',
      ({ lastCounted }) => lastCounted('Heartbeat', undefined),
      'heartbeat',
      /no heartbeat of enforceIngress came in 24 hours/,
      /^aws logs tail .*EnforceIngressLogGroup.* --region us-east-1; more: docs\/how-to\/alarms.md, HeartbeatMissingAlarm$/,
    ],
    [
      'the last heartbeat of security groups is an hour old',
      ({ lastCounted }) => lastCounted('SecurityGroupHeartbeat', 60),
      'heartbeat',
      /no heartbeat of enforceSecurityGroup came since 2\d{3}-/,
      /SecurityGroupHeartbeatMissingAlarm$/,
    ],
    [
      'no audit evaluated everything for three hours',
      ({ lastCounted }) => lastCounted('AuditFinished', 180),
      'audit',
      /no audit that evaluated everything came since 2\d{3}-/,
      /AuditMissingAlarm$/,
    ],
    [
      'an event waits in the dead-letter queue',
      (stack) => void queueOf(stack, 'DeadLetterQueue').send('{}'),
      'queue',
      /DeadLetterQueue holds 1/,
      /^ingress-guard redrive --stage prod --region us-east-1$/,
    ],
    [
      'what EventBridge could not deliver waits',
      (stack) => void ['{}', '{}'].map((body) => queueOf(stack, 'UndeliveredQueue').send(body)),
      'queue',
      /UndeliveredQueue holds 2/,
      /^ingress-guard redrive /,
    ],
    [
      'an alarm is not there',
      ({ region }) => region.alarms.delete(region.alarms.list()[0]?.name ?? ''),
      'alarm',
      /Alarm\S* is not there: someone deleted it/,
      /npx serverless deploy /,
    ],
    [
      'the actions of an alarm are disabled',
      ({ region }) => Object.assign(region.alarms.list()[0] ?? {}, { isEnabled: false }),
      'alarm',
      /Alarm\S* notifies no one/,
      /^aws cloudwatch enable-alarm-actions --alarm-names \S+ --region us-east-1;/,
    ],
    [
      'an alarm notifies another topic',
      ({ region }) =>
        Object.assign(region.alarms.list()[0] ?? {}, { actions: ['arn:aws:sns:us-east-1:999999999999:x'] }),
      'alarm',
      /Alarm\S* notifies no one/,
      /npx serverless deploy /,
    ],
    [
      'no one has confirmed the subscription',
      (stack) => Object.assign(topicOf(stack).subscriptions[0] ?? {}, { arn: 'PendingConfirmation' }),
      'subscription',
      /email oncall@example.com has not confirmed/,
      /^open the link in AWS's mail/,
    ],
    [
      'no one is subscribed',
      (stack) => void topicOf(stack).subscriptions.splice(0),
      'subscription',
      /no one gets alarms/,
      /^aws sns subscribe --topic-arn arn:aws:sns:/,
    ],
    [
      'the role cannot revoke',
      (stack) => changeRole(stack, 'enforceIngress', 'elasticache:DescribeCacheSecurityGroups'),
      'role',
      /the role of enforceIngress lacks elasticache:RevokeCacheSecurityGroupIngress/,
      /npx serverless deploy /,
    ],
    [
      'the role cannot look',
      (stack) => changeRole(stack, 'enforceSecurityGroup', 'elasticache:*', 'ec2:Revoke*'),
      'role',
      /the role of enforceSecurityGroup lacks ec2:DescribeSecurityGroupRules, .*ec2:GetManagedPrefixListEntries/,
      /npx serverless deploy /,
    ],
    [
      'a function gets something else in place of events',
      ({ changeRule, function: functionOf }) =>
        changeRule(RULE, {
          targets: [
            {
              Id: 'it',
              Arn: functionOf('enforceIngress').arn,
              Input: '{"source":"ingress-guard.heartbeat","detail":{}}',
            },
          ],
        }),
      'rule',
      /EnforceIngressEventBridgeRule1 .* gives enforceIngress something else in place of the event/,
      /npx serverless deploy /,
    ],
    [
      'someone holds an event of the dead-letter queue, and has not deleted it',
      (stack) => {
        queueOf(stack, 'DeadLetterQueue').send('{}');
        queueOf(stack, 'DeadLetterQueue').receive(10, 600_000);
      },
      'queue',
      /DeadLetterQueue holds 1/,
      /^ingress-guard redrive /,
    ],
    [
      'the role cannot keep an event that failed',
      (stack) => changeRole(stack, 'enforceSecurityGroup', 'elasticache:*', 'ec2:*', 'events:*'),
      'role',
      /the role of enforceSecurityGroup lacks sqs:SendMessage/,
      /npx serverless deploy /,
    ],
    [
      'the role cannot report an outcome',
      (stack) => changeRole(stack, 'enforceIngress', 'elasticache:*', 'sqs:*'),
      'role',
      /the role of enforceIngress lacks events:PutEvents/,
      /npx serverless deploy /,
    ],
    [
      'the permission to invoke a function is for calls of another account',
      (stack) =>
        Object.assign(stack.function('enforceIngress'), {
          policy: stack.function('enforceIngress').policy.map((statement) => ({
            ...statement,
            Condition: { ...statement.Condition, StringEquals: { 'AWS:SourceAccount': '999999999999' } },
          })),
        }),
      'rule',
      new RegExp(`${RULE} has no permission to invoke enforceIngress`),
      /^aws lambda add-permission /,
    ],
    [
      'the last deployment was rolled back',
      ({ region }) =>
        Object.assign(region.stacks.find('elasticache-ingress-guard-prod') ?? {}, {
          status: 'UPDATE_ROLLBACK_COMPLETE',
        }),
      'stack',
      /failed \(UPDATE_ROLLBACK_COMPLETE\)/,
      /aws cloudformation describe-stack-events --stack-name elasticache-ingress-guard-prod/,
    ],
  ])('finds it, and no other fault: %s', async (_, plant, check, text, fix, ...more) => {
    const stack = await startSoundStack();
    plant(stack);
    const { 'other.yaml': other } = await folderWith({ 'other.yaml': 'version: 1\nrules: []\n' });

    const { exitCode, bad } = await examine(...more.map((arg) => (arg === 'other.yaml' ? other : arg)));

    expect(bad).toEqual([
      { check, verdict: 'wrong', text: expect.stringMatching(text), fix: expect.stringMatching(fix) },
    ]);
    expect(exitCode).toBe(1);
  });

  test.each<[string, (stack: SoundStack) => void, RegExp[]]>([
    [
      'a rule that watches was deleted',
      ({ changeRule }) => changeRule(RULE, undefined),
      [/is not there/, /no rule of the stack invokes enforceIngress/],
    ],
    [
      'a rule has lost its target',
      ({ changeRule }) => changeRule(RULE, { targets: [] }),
      [/has no target/, /no rule of the stack invokes enforceIngress/],
    ],
    [
      'one function is in another mode',
      (stack) => Object.assign(stack.function('enforceIngress').environment, { INGRESS_GUARD_MODE: 'report-only' }),
      [/the functions differ: `report-only` in enforceIngress; `enforce` in/, /which report-only never needs/],
    ],
  ])('finds it, and what follows from it: %s', async (_, plant, texts) => {
    plant(await startSoundStack());

    const { exitCode, bad } = await examine();

    expect(bad.map(({ verdict }) => verdict)).toEqual(texts.map(() => 'wrong'));
    for (const text of texts) expect(bad.map((line) => line.text)).toContainEqual(expect.stringMatching(text));
    for (const { fix } of bad) expect(fix).toBeTruthy();
    expect(exitCode).toBe(1);
  });

  test('finds each account of the organization that does not have its part', async () => {
    const { aws } = await startSoundStack({ hub: true });
    const StatusReason = 'already exists';
    aws.accounts.stackSets.put('ingress-guard-prod', {
      Account: MEMBER,
      Region: REGION,
      Status: 'OUTDATED',
      StatusReason,
    });

    const { exitCode, bad } = await examine();

    expect(bad).toMatchObject([
      {
        check: 'organization',
        text: `StackSet ingress-guard-prod is OUTDATED in account ${MEMBER}, ${REGION}: already exists`,
      },
    ]);
    expect(exitCode).toBe(1);
  });

  test.each([
    ['ListStackResources', 'rule'],
    ['DescribeTrails', 'trail'],
    ['GetTrailStatus', 'trail'],
    ['GetEventSelectors', 'trail'],
    ['DescribeRule', 'rule'],
    ['ListTargetsByRule', 'rule'],
    ['GetFunction', 'function'],
    ['GetPolicy', 'rule'],
    ['GetMetricData', 'heartbeat'],
    ['GetQueueAttributes', 'queue'],
    ['DescribeAlarms', 'alarm'],
    ['ListSubscriptionsByTopic', 'subscription'],
    ['DescribeAccountAttributes', 'account'],
    ['GetManagedResourceVisibility', 'account'],
    ['SimulatePrincipalPolicy', 'role'],
  ])('does not take what it may not read for sound, and names the permission: %s', async (action, check) => {
    await startSoundStack({ deniedActions: [action] });

    const { exitCode, bad } = await examine();

    expect(new Set(bad.map(({ verdict }) => verdict))).toEqual(new Set(['unknown']));
    expect(bad.map((line) => line.check)).toContain(check);
    for (const { fix } of bad) expect(fix).toMatch(new RegExp(`^allow \\w+:${action} `));
    expect(exitCode).toBe(1);
  });

  test('does not take a function for sound that the stack does not name', async () => {
    const { region } = await startSoundStack();
    const stack = region.stacks.find('elasticache-ingress-guard-prod');
    const outputs = new Map(stack?.outputs);
    outputs.delete('EnforceSecurityGroupFunctionName');
    Object.assign(stack ?? {}, { outputs });

    const { exitCode, bad } = await examine();

    expect(bad).toEqual([
      {
        check: 'function',
        verdict: 'unknown',
        text: 'EnforceSecurityGroup was not checked: the stack has no output EnforceSecurityGroupFunctionName',
        fix: 'npx serverless deploy --stage prod --region us-east-1',
      },
    ]);
    expect(exitCode).toBe(1);
  });

  test('finds a trail that logs among others that are stopped or cannot be read', async () => {
    const { aws } = await startSoundStack();
    const { trails } = aws.accounts.home;
    Object.assign(trails.put('another', OTHER_REGION), { isLogging: false });
    // Its name alone is what another region knows: nothing can be read of it by its ARN.
    Object.assign(trails.put('broken', REGION), { arn: 'broken' });

    const { exitCode, all } = await examine();

    expect(all.filter(({ check }) => check === 'trail')).toMatchObject([
      { verdict: 'ok', text: 'management-events logs write management events in us-east-1' },
    ]);
    expect(exitCode).toBe(0);
  });

  test('reads an allowlist where the functions read it: it is the one that is wanted, another, or not valid', async () => {
    const stack = await startSoundStack();
    const wanted = await readFile('allowlist.yaml', 'utf8');
    const { location, environment, hold } = await startSsm(wanted);
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    // A client of an earlier test would call its endpoint.
    vi.resetModules();
    for (const name of ['enforceIngress', 'enforceSecurityGroup', 'auditGrants']) {
      Object.assign(stack.function(name).environment, { INGRESS_GUARD_ALLOWLIST: location });
    }
    const run = async (region = REGION) => {
      const options = ['--region', REGION, '--allowlist', 'allowlist.yaml', '--format', 'json'];
      const { exitCode, stdout } = await runCli(['doctor', ...options], { environment: { AWS_REGION: region } });
      const { checks } = JSON.parse(stdout) as { checks: Line[] };
      return [exitCode, checks.find(({ check }) => check === 'allowlist')];
    };

    const same = await run();
    hold(`${wanted}# another\n`);
    const another = await run();
    hold('version: 2');
    const invalid = await run();
    const elsewhere = await run(OTHER_REGION);

    const text = `the allowlist ${location} in every function is that of allowlist.yaml`;
    expect(same).toMatchObject([0, { verdict: 'ok', text }]);
    expect(another).toMatchObject([1, { verdict: 'wrong', fix: `put allowlist.yaml to ${location}` }]);
    expect(invalid).toMatchObject([1, { verdict: 'wrong', text: expect.stringContaining('is not valid') }]);
    expect(elsewhere).toMatchObject([
      1,
      { verdict: 'unknown', fix: expect.stringContaining('set AWS_REGION to us-east-1') },
    ]);
  });

  test('says in text what is wrong, what could not be checked, and how to go on', async () => {
    const { changeRule } = await startSoundStack({ deniedActions: ['GetMetricData'] });
    changeRule(RULE, { state: 'DISABLED' });

    const { exitCode, stdout } = await runCli(['doctor', '--region', REGION]);

    expect(stdout).toContain(`\nwrong    rule          EnforceIngressEventBridgeRule1 (${RULE}) is disabled`);
    expect(stdout).toContain(`\n         fix: aws events enable-rule --name ${RULE} --region ${REGION}\n`);
    expect(stdout).toContain('\nunknown  heartbeat     heartbeats and audits could not be read: ');
    expect(stdout).toMatch(/\n1 wrong, 1 could not be checked, of \d+ checks\.\n$/);
    expect(exitCode).toBe(1);
  });

  test('writes no line that someone else wrote, and nothing that a terminal obeys', async () => {
    const stack = await startSoundStack();
    const INGRESS_GUARD_ALLOWLIST = 'ssm:/x\nok       forged\u001b[2J';
    Object.assign(stack.function('auditGrants').environment, { INGRESS_GUARD_ALLOWLIST });
    Object.assign(stack.function('enforceIngress'), { state: 'Failed\u001b[2J\nok       forged' });

    const { exitCode, stdout } = await runCli(['doctor', '--region', REGION]);

    expect(stdout).toContain('ssm:/x?ok       forged?[2J in auditGrants');
    expect(stdout).not.toMatch(/^ok {7}forged/m);
    for (const line of stdout.split('\n')) expect(isOneLine(line, 3000)).toBe(true);
    expect(exitCode).toBe(1);
  });

  test('is refused where there is no such stack, with what to do', async () => {
    await startSoundStack();

    const ended = await runCli(['doctor', '--region', REGION, '--stage', 'test']);

    expectRefusal(
      ended,
      1,
      /there is no stack elasticache-ingress-guard-test in us-east-1: choose another with --stage/,
    );
  });

  test('is refused where the stack itself cannot be read', async () => {
    await startSoundStack({ deniedActions: ['DescribeStacks'] });

    const ended = await runCli(['doctor', '--region', REGION]);

    expectRefusal(ended, 1, /did not describe stack elasticache-ingress-guard-prod: .*cloudformation:DescribeStacks/);
  });

  test('is refused without a region, and with one that is none', async () => {
    expectRefusal(await runCli(['doctor']), 1, /which region\? Add --region, or set AWS_REGION/);
    expectRefusal(await runCli(['doctor', '--region', 'mars']), 1, /`mars` is not the name of a region/);
  });

  test('explains itself', async () => {
    await expectHelp('doctor');
  });
});
