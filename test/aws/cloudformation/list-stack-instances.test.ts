import { expect, test } from 'vitest';
import { listStackInstances } from '../../../src/aws/cloudformation/list-stack-instances.ts';
import { ACCOUNT, REGION, STRANGER } from '../../support/examples/grants.ts';
import { stubEnvironment } from '../../support/functions/aws-environment.ts';
import { type Answer, startScriptedEndpoint } from '../../support/scripted/scripted-endpoint.ts';
import { stsError } from '../../support/scripted/sts-answers.ts';

function page(elements: string): Answer {
  return {
    status: 200,
    xml: `<ListStackInstancesResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><ListStackInstancesResult>${elements}</ListStackInstancesResult>
<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></ListStackInstancesResponse>`,
  };
}

test('every page of the stacks of a StackSet is read, as a delegated administrator', async () => {
  await using endpoint = await startScriptedEndpoint(
    page(
      `<Summaries><member><Account>${ACCOUNT}</Account><Region>${REGION}</Region><Status>CURRENT</Status></member></Summaries><NextToken>two</NextToken>`,
    ),
    page(
      `<Summaries><member><Account>${STRANGER}</Account><Region>${REGION}</Region><Status>OUTDATED</Status><StatusReason>User initiated operation</StatusReason></member></Summaries>`,
    ),
  );
  stubEnvironment({ AWS_ENDPOINT_URL_CLOUDFORMATION: endpoint.url });

  const instances = await listStackInstances(REGION, 'ingress-guard-prod');

  expect(instances).toEqual([
    { account: ACCOUNT, region: REGION, status: 'CURRENT' },
    { account: STRANGER, region: REGION, status: 'OUTDATED', reason: 'User initiated operation' },
  ]);
  expect(
    endpoint.requests.map((request) => [request.get('StackSetName'), request.get('CallAs'), request.get('NextToken')]),
  ).toEqual([
    ['ingress-guard-prod', 'DELEGATED_ADMIN', null],
    ['ingress-guard-prod', 'DELEGATED_ADMIN', 'two'],
  ]);
});

test.each<[string, Answer]>([
  ['has no stacks in it', page('')],
  ['is refused', stsError(400, 'ValidationError', 'You must be the management account or delegated admin account')],
])('a page that %s is an error', async (_, answer) => {
  await using endpoint = await startScriptedEndpoint(answer);
  stubEnvironment({ AWS_ENDPOINT_URL_CLOUDFORMATION: endpoint.url });

  await expect(listStackInstances(REGION, 'ingress-guard-prod')).rejects.toThrow();
});
