import {
  CloudFormationClient,
  ListStackInstancesCommand,
  paginateListStackInstances,
} from '@aws-sdk/client-cloudformation';
import { expect, test } from 'vitest';
import { ACCOUNT, REGION } from '../../support/examples/grants.ts';
import { kept, MANAGEMENT, MEMBER, OUTSIDER, startOrganization } from '../../support/local-aws/organization.ts';

const StackSetName = 'ingress-guard-spokes';
const CallAs = 'DELEGATED_ADMIN';

async function startWithInstances(count: number) {
  const started = await startOrganization();
  for (let i = 0; i < count; i++) {
    started.aws.accounts.stackSets.put(StackSetName, {
      Account: String(200_000_000_000 + i),
      Region: REGION,
      Status: 'CURRENT',
      OrganizationalUnitId: 'r-root',
    });
  }
  const clientOf = (who: string) => kept(new CloudFormationClient(started.as(who)));
  return { ...started, clientOf };
}

test('every stack of a StackSet is listed once, a hundred on a page', async () => {
  const { clientOf } = await startWithInstances(201);
  const client = clientOf(ACCOUNT);
  const seen: (string | undefined)[] = [];
  let pages = 0;

  for await (const { Summaries = [] } of paginateListStackInstances({ client }, { StackSetName, CallAs })) {
    pages++;
    seen.push(...Summaries.map(({ Account }) => Account));
  }

  expect([pages, seen.length, new Set(seen).size]).toEqual([3, 201, 201]);
});

test('a stack says what became of it, and why', async () => {
  const { aws, clientOf } = await startWithInstances(3);
  const StatusReason = 'ResourceLogicalId:ReadRole, ResourceStatusReason:already exists';
  aws.accounts.stackSets.put(StackSetName, { Account: MEMBER, Region: REGION, Status: 'OUTDATED', StatusReason });
  const input = { StackSetName, CallAs, StackInstanceAccount: MEMBER } as const;

  const { Summaries } = await clientOf(ACCOUNT).send(new ListStackInstancesCommand(input));

  expect(Summaries).toMatchObject([
    {
      Account: MEMBER,
      Region: REGION,
      Status: 'OUTDATED',
      StatusReason,
      StackInstanceStatus: { DetailedStatus: 'FAILED' },
      StackId: expect.stringMatching(`^arn:aws:cloudformation:${REGION}:${MEMBER}:stack/StackSet-${StackSetName}-`),
    },
  ]);
});

test('the management account asks as itself', async () => {
  const { clientOf } = await startWithInstances(1);

  const { Summaries } = await clientOf(MANAGEMENT).send(new ListStackInstancesCommand({ StackSetName }));

  expect(Summaries).toHaveLength(1);
});

test.each([
  ['a delegated administrator that calls as itself', ACCOUNT, { StackSetName }, 'StackSetNotFoundException'],
  ['a member that is none', MEMBER, { StackSetName, CallAs }, 'ValidationError'],
  ['an account of no organization', OUTSIDER, { StackSetName, CallAs }, 'ValidationError'],
  ['anyone, for a StackSet that is not there', ACCOUNT, { StackSetName: 'x', CallAs }, 'StackSetNotFoundException'],
  ['anyone, for more than a hundred', ACCOUNT, { StackSetName, CallAs, MaxResults: 101 }, 'InvalidParameterValue'],
  ['anyone, with a token that no answer gave', ACCOUNT, { StackSetName, CallAs, NextToken: 'x' }, 'ValidationError'],
] as const)('is refused to %s', async (_, who, input, name) => {
  const { clientOf } = await startWithInstances(1);

  await expect(clientOf(who).send(new ListStackInstancesCommand(input))).rejects.toMatchObject({ name });
});
