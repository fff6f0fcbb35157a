import {
  DescribeAccountCommand,
  DescribeOrganizationCommand,
  ListAccountsCommand,
  ListAccountsForParentCommand,
  ListOrganizationalUnitsForParentCommand,
  ListRootsCommand,
  OrganizationsClient,
  paginateListAccounts,
} from '@aws-sdk/client-organizations';
import { isThrottlingError } from '@smithy/core/retry';
import { describe, expect, test } from 'vitest';
import { ACCOUNT } from '../../support/examples/grants.ts';
import { OTHER_REGION } from '../../support/local-aws/local-endpoint.ts';
import {
  kept,
  MANAGEMENT,
  MEMBER,
  ORGANIZATION,
  OTHER_MEMBER,
  OUTSIDER,
  type StartedOrganization,
  startOrganization,
} from '../../support/local-aws/organization.ts';

type SdkError = Parameters<typeof isThrottlingError>[0];

const clientOf = (started: StartedOrganization, who: string, region = 'us-east-1') =>
  kept(new OrganizationsClient(started.as(who, region)));

async function ofHub(organization: Parameters<typeof startOrganization>[0] = {}) {
  const started = await startOrganization(organization);
  return { ...started, client: clientOf(started, ACCOUNT) };
}

describe('ListAccounts', () => {
  test('lists every account with its state, when it joined, and the path down to it', async () => {
    const { client } = await ofHub({
      accounts: [
        ...ORGANIZATION.accounts,
        { accountId: '444444444444', name: 'gone', state: 'CLOSED', joinedAt: '2026-11-01T12:00:00Z' },
        { accountId: '555555555555', name: 'new', state: 'PENDING_ACTIVATION' },
      ],
    });

    const { Accounts = [], NextToken } = await client.send(new ListAccountsCommand());

    expect(NextToken).toBeUndefined();
    expect(Accounts.map(({ Id, Name, State, Status, Paths }) => [Id, Name, State, Status, Paths?.[0]])).toEqual([
      [MANAGEMENT, 'management', 'ACTIVE', 'ACTIVE', `o-localaws01/r-root/${MANAGEMENT}/`],
      [ACCOUNT, 'hub', 'ACTIVE', 'ACTIVE', `o-localaws01/r-root/${ACCOUNT}/`],
      [MEMBER, 'shop', 'ACTIVE', 'ACTIVE', `o-localaws01/r-root/ou-root-workloads/ou-root-production/${MEMBER}/`],
      [OTHER_MEMBER, 'blog', 'ACTIVE', 'ACTIVE', `o-localaws01/r-root/ou-root-workloads/${OTHER_MEMBER}/`],
      ['444444444444', 'gone', 'CLOSED', 'SUSPENDED', 'o-localaws01/r-root/444444444444/'],
      ['555555555555', 'new', 'PENDING_ACTIVATION', undefined, 'o-localaws01/r-root/555555555555/'],
    ]);
    expect(Accounts[4]).toMatchObject({
      Arn: `arn:aws:organizations::${MANAGEMENT}:account/o-localaws01/444444444444`,
      JoinedTimestamp: new Date('2026-11-01T12:00:00Z'),
      JoinedMethod: 'CREATED',
    });
  });

  test.each([
    [20, 1],
    [21, 2],
    [500, 25],
  ])('has 20 on a page: %i accounts are %i calls, each account once', async (count, calls) => {
    const others = Array.from({ length: count - 2 }, (_, i) => ({ accountId: String(200_000_000_000 + i) }));
    const accounts = [{ accountId: ACCOUNT }, ...others];
    const { client } = await ofHub({ accounts });
    const seen: (string | undefined)[] = [];
    let pages = 0;

    for await (const page of paginateListAccounts({ client }, {})) {
      pages++;
      seen.push(...(page.Accounts ?? []).map(({ Id }) => Id));
    }

    expect([pages, seen.length, new Set(seen).size]).toEqual([calls, count, count]);
  });

  test('says SUSPENDED of an account with that fault', async () => {
    const { aws, client } = await ofHub();
    Object.assign(aws.accounts.find(MEMBER) as object, { faults: { suspended: true } });

    const { Account } = await client.send(new DescribeAccountCommand({ AccountId: MEMBER }));

    expect([Account?.State, Account?.Status]).toEqual(['SUSPENDED', 'SUSPENDED']);
  });

  test.each([
    [{ MaxResults: 21 }, 'MAX_VALUE_EXCEEDED'],
    [{ MaxResults: 0 }, 'MIN_VALUE_EXCEEDED'],
    [{ NextToken: 'guess' }, 'INVALID_NEXT_TOKEN'],
  ])('refuses %j', async (input, Reason) => {
    const { client } = await ofHub();

    await expect(client.send(new ListAccountsCommand(input))).rejects.toMatchObject({
      name: 'InvalidInputException',
      Reason,
    });
  });
});

describe('who asks', () => {
  test.each([
    ['the management account', MANAGEMENT],
    ['a delegated administrator', ACCOUNT],
  ])('may list: %s', async (_, who) => {
    const started = await startOrganization();

    const { Accounts } = await clientOf(started, who).send(new ListAccountsCommand());

    expect(Accounts).toHaveLength(4);
  });

  test.each([
    ['ListAccounts', () => new ListAccountsCommand()],
    ['ListRoots', () => new ListRootsCommand()],
    ['DescribeAccount', () => new DescribeAccountCommand({ AccountId: MEMBER })],
  ] as const)('is denied %s as a member that is neither', async (_, command) => {
    const started = await startOrganization();

    await expect(clientOf(started, MEMBER).send(command() as ListAccountsCommand)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: "You don't have permissions to access this resource.",
    });
  });

  test('may ask for the organization as any member, and as no one else', async () => {
    const started = await startOrganization();
    const ask = (who: string) => clientOf(started, who).send(new DescribeOrganizationCommand());

    const { Organization } = await ask(MEMBER);

    expect([Organization?.Id, Organization?.MasterAccountId]).toEqual(['o-localaws01', MANAGEMENT]);
    await expect(ask(OUTSIDER)).rejects.toMatchObject({ name: 'AWSOrganizationsNotInUseException' });
  });

  test('is answered wherever the call is signed for, also if the account has not enabled that region', async () => {
    const started = await startOrganization({}, { regions: [OTHER_REGION] });
    Object.assign(started.aws.accounts.home, { faults: { optOut: ['us-east-1'] } });

    const answers = ['us-east-1', OTHER_REGION].map((region) =>
      clientOf(started, ACCOUNT, region).send(new ListRootsCommand()),
    );

    expect((await Promise.all(answers)).map(({ Roots }) => Roots?.[0]?.Id)).toEqual(['r-root', 'r-root']);
  });
});

test('too many calls are answered in the words of the service, which the SDK takes for throttling', async () => {
  const { aws, client } = await ofHub();
  Object.assign(aws.accounts.home, { faults: { throttle: 1 } });

  const error = await client.send(new ListAccountsCommand()).catch((thrown: SdkError) => thrown);

  expect(error).toMatchObject({ name: 'TooManyRequestsException' });
  expect(isThrottlingError(error as SdkError)).toBe(true);
});

describe('a parent', () => {
  test('has the organizational units and the accounts that are in it itself', async () => {
    const { client } = await ofHub();
    const ParentId = 'ou-root-workloads';

    const { OrganizationalUnits } = await client.send(new ListOrganizationalUnitsForParentCommand({ ParentId }));
    const { Accounts } = await client.send(new ListAccountsForParentCommand({ ParentId }));

    expect(OrganizationalUnits?.map(({ Id, Name, Path }) => [Id, Name, Path])).toEqual([
      ['ou-root-production', 'Production', 'o-localaws01/r-root/ou-root-workloads/ou-root-production/'],
    ]);
    expect(Accounts?.map(({ Id }) => Id)).toEqual([OTHER_MEMBER]);
  });

  test.each([
    ['is none', 'ou-root-nothinghere', 'ParentNotFoundException'],
    ['is no id', 'Workloads', 'InvalidInputException'],
  ])('that %s is refused', async (_, ParentId, name) => {
    const { client } = await ofHub();

    await expect(client.send(new ListAccountsForParentCommand({ ParentId }))).rejects.toMatchObject({ name });
  });
});

test('an account that is none of the organization is not found', async () => {
  const { client } = await ofHub();

  await expect(client.send(new DescribeAccountCommand({ AccountId: OUTSIDER }))).rejects.toMatchObject({
    name: 'AccountNotFoundException',
  });
});

test('an organization with a unit that is not there, or is inside itself, is refused at the start', async () => {
  const unit = { id: 'ou-root-aaaaaaaa', name: 'A', parentId: 'ou-root-bbbbbbbb' };
  const circle = [unit, { id: 'ou-root-bbbbbbbb', name: 'B', parentId: 'ou-root-aaaaaaaa' }];
  const accounts = [{ accountId: MEMBER, parentId: 'ou-root-aaaaaaaa' }];

  await expect(startOrganization({ accounts, organizationalUnits: [unit] })).rejects.toThrow(/no organizational unit/);
  await expect(startOrganization({ accounts, organizationalUnits: circle })).rejects.toThrow(/inside itself/);
});
