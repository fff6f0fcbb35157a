import { expect, test } from 'vitest';
import { readRule } from '../../../src/aws/eventbridge/read-rule.ts';
import { REGION } from '../../support/examples/grants.ts';
import { stubEnvironment } from '../../support/functions/aws-environment.ts';
import { type JsonAnswer, jsonError, startJsonEndpoint } from '../../support/scripted/scripted-json-endpoint.ts';

async function startEventBridge(answers: Readonly<Record<string, JsonAnswer>>) {
  const endpoint = await startJsonEndpoint(({ operation }) => answers[operation] as JsonAnswer);
  stubEnvironment({ AWS_ENDPOINT_URL_EVENTBRIDGE: endpoint.url });
  return endpoint;
}

const TARGETS: JsonAnswer = { body: { Targets: [{ Id: 'hub', Arn: 'arn:hub' }] } };

test.each([
  ['ENABLED', true],
  ['ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS', true],
  ['DISABLED', false],
])('a rule is read with its pattern and its targets: %s', async (State, isEnabled) => {
  const { calls } = await startEventBridge({
    DescribeRule: { body: { Name: 'ingress-guard', Arn: 'arn:rule', State, EventPattern: '{"source":["aws.ec2"]}' } },
    ListTargetsByRule: TARGETS,
  });

  const rule = await readRule({ region: REGION }, 'ingress-guard');

  expect(rule).toEqual({
    arn: 'arn:rule',
    isEnabled,
    pattern: '{"source":["aws.ec2"]}',
    targets: ['arn:hub'],
    targetsOfOtherInput: [],
  });
  expect(calls.map(({ body }) => body)).toEqual([{ Name: 'ingress-guard' }, { Rule: 'ingress-guard' }]);
});

test.each([
  ['a constant', { Input: '{"source":"ingress-guard.heartbeat"}' }],
  ['a part of it', { InputPath: '$.detail' }],
  ['what a template makes of it', { InputTransformer: { InputTemplate: '"x"' } }],
])('a target that gets %s in place of the event is not one that gets the event', async (_, input) => {
  await startEventBridge({
    DescribeRule: { body: { Name: 'ingress-guard', Arn: 'arn:rule', State: 'ENABLED' } },
    ListTargetsByRule: { body: { Targets: [{ Id: 'hub', Arn: 'arn:hub', ...input }] } },
  });

  const rule = await readRule({ region: REGION }, 'ingress-guard');

  expect(rule).toMatchObject({ targets: [], targetsOfOtherInput: ['arn:hub'] });
});

test('a rule that is not there is none', async () => {
  await startEventBridge({
    DescribeRule: jsonError(400, 'ResourceNotFoundException', 'Rule ingress-guard does not exist'),
  });

  expect(await readRule({ region: REGION }, 'ingress-guard')).toBeUndefined();
});

test.each<[string, Record<string, JsonAnswer>]>([
  ['access is denied', { DescribeRule: jsonError(400, 'AccessDeniedException', 'no') }],
  ['the answer says nothing', { DescribeRule: { body: {} }, ListTargetsByRule: TARGETS }],
  ['the answer names no targets', { DescribeRule: { body: { State: 'ENABLED' } }, ListTargetsByRule: { body: {} } }],
])('a rule of which %s is an error', async (_, answers) => {
  await startEventBridge(answers);

  await expect(readRule({ region: REGION }, 'ingress-guard')).rejects.toThrow();
});
