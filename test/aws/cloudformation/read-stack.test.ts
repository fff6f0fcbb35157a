import { expect, test } from 'vitest';
import { listStackResources, readStack, stackNameOf } from '../../../src/aws/cloudformation/read-stack.ts';
import { deployTemplate } from '../../../src/local/cloudformation/deploy.ts';
import { ACCOUNT, REGION } from '../../support/examples/grants.ts';
import { stubEnvironment } from '../../support/functions/aws-environment.ts';
import { startAws } from '../../support/local-aws/local-aws.ts';
import { credentials } from '../../support/local-aws/local-elasticache.ts';
import { type Answer, startScriptedEndpoint } from '../../support/scripted/scripted-endpoint.ts';

const NAME = stackNameOf('prod');

async function startWithStack(queues: readonly string[]) {
  const { aws } = await startAws();
  stubEnvironment({
    AWS_ENDPOINT_URL: aws.url,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  });
  const template = {
    Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } },
    Resources: Object.fromEntries(queues.map((id) => [id, { Type: 'AWS::SQS::Queue' }])),
    Outputs: {
      QueueUrl: { Value: { Ref: queues[0] } },
      Archive: { Value: 'archive', Condition: 'Never' },
    },
  };
  deployTemplate(aws.accounts, template, { stackName: NAME, account: ACCOUNT, region: REGION });
  return aws;
}

const urlOf = (queue: string) => `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${NAME}-${queue}-${REGION}`;

test('a stack is read with its outputs, and without those whose condition does not hold', async () => {
  await startWithStack(['DeadLetterQueue']);

  const stack = await readStack({ region: REGION }, NAME);

  expect(stack).toEqual({ name: NAME, status: 'CREATE_COMPLETE', outputs: { QueueUrl: urlOf('DeadLetterQueue') } });
});

test('every page of the resources of a stack is listed', async () => {
  const queues = Array.from({ length: 201 }, (_, at) => `Queue${at}`);
  await startWithStack(queues);

  const resources = await listStackResources({ region: REGION }, NAME);

  expect(resources).toEqual(
    queues.map((logicalId) => ({ logicalId, type: 'AWS::SQS::Queue', physicalId: urlOf(logicalId) })),
  );
});

test('a stack that is not there is not found', async () => {
  const aws = await startWithStack(['DeadLetterQueue']);
  aws.region(REGION)?.stacks.delete(NAME);

  expect(await readStack({ region: REGION }, NAME)).toBeUndefined();
});

test('the resources of a stack that is not there are an error, not none', async () => {
  await startWithStack(['DeadLetterQueue']);

  await expect(listStackResources({ region: REGION }, 'another')).rejects.toThrow('does not exist');
});

test.each<[string, Answer]>([
  [
    'is refused',
    { status: 403, xml: error('AccessDenied', 'not authorized to perform: cloudformation:DescribeStacks') },
  ],
  ['says no stack', { status: 200, xml: described('<Stacks></Stacks>') }],
  ['says nothing', { status: 200, xml: described('') }],
])('an answer that %s is an error, not a stack that is not there', async (_, answer) => {
  await using endpoint = await startScriptedEndpoint(answer);
  stubEnvironment({ AWS_ENDPOINT_URL_CLOUDFORMATION: endpoint.url });

  await expect(readStack({ region: REGION }, NAME)).rejects.toThrow();
});

function described(elements: string): string {
  return `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult>${elements}</DescribeStacksResult></DescribeStacksResponse>`;
}

function error(code: string, message: string): string {
  return `<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`;
}
