import { RevokeSecurityGroupIngressCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test, vi } from 'vitest';
import { ec2Client } from '../../../src/aws/ec2/client.ts';
import { listSecurityGroupRules } from '../../../src/aws/ec2/list-rules.ts';
import type { ListedRule } from '../../../src/policy/vpc/security-group-rule.ts';
import { ACCOUNT, REGION, STRANGER } from '../../support/examples/grants.ts';
import { authorize, createGroup, ingressOf, sharePrefixList, tcp } from '../../support/local-aws/local-ec2.ts';
import { credentials } from '../../support/local-aws/local-elasticache.ts';
import { startEndpoint } from '../../support/local-aws/local-endpoint.ts';
import { ec2Answer, ec2Error, rulesPage } from '../../support/scripted/ec2-answers.ts';
import { type Answer, startScriptedEndpoint } from '../../support/scripted/scripted-endpoint.ts';
import { collect } from '../../support/tools/collect.ts';

const DESCRIBE_RULES = 'DescribeSecurityGroupRules';
const DESCRIBE_GROUPS = 'DescribeSecurityGroups';
const OTHER = 'sg-0b';
/** A filter has at most 200 of them. */
const OF_TWO_CALLS = Array.from({ length: 201 }, (_, index) => `sg-${index.toString(16).padStart(8, '0')}`);

function list(url: string, securityGroupIds: readonly string[] = ['sg-0a'], abortSignal?: AbortSignal) {
  const client = ec2Client({ endpoint: url, credentials, maxAttempts: 1, region: REGION });
  return listSecurityGroupRules(client, securityGroupIds, abortSignal);
}

/** All that is listed, the pages put together. */
async function listAll(url: string, securityGroupIds?: readonly string[]): Promise<ListedRule[]> {
  return (await collect(list(url, securityGroupIds))).flat();
}

/** Lists a rule of which these elements are told, at an endpoint whose security groups belong to these owners. */
async function listOne(
  changes: Readonly<Record<string, string | undefined>>,
  owners: Readonly<Record<string, string>> = {},
) {
  const groups = Object.entries(owners).map(
    ([groupId, ownerId]) => `<item><groupId>${groupId}</groupId><ownerId>${ownerId}</ownerId></item>`,
  );
  const described = ec2Answer(DESCRIBE_GROUPS, `<securityGroupInfo>${groups.join('')}</securityGroupInfo>`);
  await using endpoint = await startScriptedEndpoint((action) =>
    action === DESCRIBE_RULES ? rulesPage([changes]) : described,
  );
  const [listed] = await listAll(endpoint.url);
  return { listed, actions: [...endpoint.actions] };
}

describe('the rules of security groups', () => {
  test('are listed once, also if EC2 has one on two pages; twice if it was edited in between', async () => {
    const [same, edited] = [{ cidrIpv4: '0.0.0.0/0' }, { securityGroupRuleId: 'sgr-02', cidrIpv4: '10.0.0.0/8' }];
    const pages = [[same, edited], [same, { ...edited, cidrIpv4: '0.0.0.0/0' }], [same]];
    await using endpoint = await startScriptedEndpoint(
      ...pages.map((page, index) => rulesPage(page, index < 2 ? `page-${index}` : '')),
    );

    const listed = await listAll(endpoint.url);

    expect(listed.map(({ rule }) => [rule?.securityGroupRuleId, rule?.source])).toEqual([
      ['sgr-01', { kind: 'cidr', cidr: '0.0.0.0/0' }],
      ['sgr-02', { kind: 'cidr', cidr: '10.0.0.0/8' }],
      ['sgr-02', { kind: 'cidr', cidr: '0.0.0.0/0' }],
    ]);
  });

  test('are listed with whom they let in, of each kind of source', async () => {
    const { url, ec2, region } = await startEndpoint();
    sharePrefixList(region, 'pl-0e1f2a3b4c5d60001');
    const [caches, web] = [await createGroup(ec2, 'caches'), await createGroup(ec2, 'web')];
    const Description = 'for the shop';
    await authorize(ec2, caches, tcp(6379, { IpRanges: [{ CidrIp: '10.1.2.3/16', Description }] }));
    await authorize(ec2, caches, tcp(6380, { Ipv6Ranges: [{ CidrIpv6: '2001:DB8::/32' }] }));
    await authorize(ec2, caches, tcp(6381, { PrefixListIds: [{ PrefixListId: 'pl-0e1f2a3b4c5d60001' }] }));
    await authorize(ec2, caches, tcp(6382, { UserIdGroupPairs: [{ GroupId: web, UserId: ACCOUNT }] }));
    await authorize(ec2, caches, { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: caches }] });
    const ids = (await ingressOf(ec2, caches)).map(({ SecurityGroupRuleId }) => SecurityGroupRuleId);

    const listed = await listAll(url, [caches]);

    const rules = listed.flatMap(({ rule }) => rule ?? []);
    const common = { account: ACCOUNT, region: REGION, securityGroupId: caches };
    const opens = (port: number) => ({ ipProtocol: 'tcp', fromPort: port, toPort: port });
    expect(rules.map(({ securityGroupRuleId }) => securityGroupRuleId).sort()).toEqual([...ids].sort());
    expect(rules.map(({ securityGroupRuleId: _, ...rule }) => rule)).toEqual(
      expect.arrayContaining([
        { ...common, ...opens(6379), description: Description, source: { kind: 'cidr', cidr: '10.1.0.0/16' } },
        { ...common, ...opens(6380), source: { kind: 'cidr', cidr: '2001:db8::/32' } },
        { ...common, ...opens(6381), source: { kind: 'prefixList', prefixListId: 'pl-0e1f2a3b4c5d60001' } },
        {
          ...common,
          ...opens(6382),
          source: { kind: 'securityGroup', securityGroupId: web, securityGroupOwnerId: ACCOUNT },
        },
        {
          ...common,
          ipProtocol: '-1',
          fromPort: -1,
          toPort: -1,
          source: { kind: 'securityGroup', securityGroupId: caches, securityGroupOwnerId: ACCOUNT },
        },
      ]),
    );
    // Each security group has an egress rule from the beginning.
    expect(listed.filter(({ egressRuleId }) => egressRuleId !== undefined)).toHaveLength(1);
  });

  test('are listed for many security groups, over as many calls and pages as that takes', async () => {
    const { url, ec2, calls } = await startEndpoint({ rulesPerSecurityGroup: 600 });
    const ids: string[] = [];
    for (let index = 0; index < 201; index++) ids.push(await createGroup(ec2, `group-${index}`));
    const ranges = Array.from({ length: 600 }, (_, index) => ({ CidrIp: `10.${index >> 8}.${index & 255}.0/24` }));
    for (const id of [ids[0], ids[1], ids[200]]) await authorize(ec2, id as string, tcp(6379, { IpRanges: ranges }));
    const before = calls.length;

    const pages = await collect(list(url, ids));

    expect(pages.flat().filter(({ rule }) => rule)).toHaveLength(3 * 600);
    // Each security group has an egress rule, too.
    expect(pages.map((page) => page.length)).toEqual([1_000, 400, 601]);
    expect(calls.slice(before).map(({ action }) => action)).toEqual(Array(3).fill(DESCRIBE_RULES));
  });

  test('are asked for a page ahead, so that the next one is on its way while one is evaluated', async () => {
    await using endpoint = await startScriptedEndpoint(() => rulesPage([{}]));
    const pages = list(endpoint.url, OF_TWO_CALLS);

    await pages.next();

    await vi.waitFor(() => expect(endpoint.actions).toEqual([DESCRIBE_RULES, DESCRIBE_RULES]));
    expect(await collect(pages)).toHaveLength(1);
    expect(endpoint.actions).toHaveLength(2);
  });

  test('are those that there are now, and none where there is no such security group', async () => {
    const { url, ec2 } = await startEndpoint();
    const caches = await createGroup(ec2);
    const [made] = await authorize(ec2, caches, tcp(6379, { IpRanges: [{ CidrIp: '10.0.0.0/16' }] }));
    const SecurityGroupRuleIds = [made?.SecurityGroupRuleId as string];
    await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: caches, SecurityGroupRuleIds }));

    expect((await listAll(url, [caches])).filter(({ rule }) => rule)).toEqual([]);
    expect(await listAll(url, ['sg-0123456789abcdef0'])).toEqual([]);
    expect(await listAll(url, [])).toEqual([]);
  });
});

describe('the owner of a security group that a rule refers to', () => {
  const refersTo = (groupId: string, userId?: string) => ({
    referencedGroupInfo: `<groupId>${groupId}</groupId>${userId === undefined ? '' : `<userId>${userId}</userId>`}`,
  });

  test('is who EC2 says it is', async () => {
    const { listed, actions } = await listOne(refersTo(OTHER, STRANGER), { [OTHER]: ACCOUNT });

    expect(listed?.rule?.source).toEqual({
      kind: 'securityGroup',
      securityGroupId: OTHER,
      securityGroupOwnerId: STRANGER,
    });
    expect(actions).toEqual([DESCRIBE_RULES]);
  });

  test('is asked for where the rule does not tell', async () => {
    const { listed, actions } = await listOne(refersTo(OTHER), { [OTHER]: ACCOUNT });

    expect(listed?.rule?.source).toEqual({
      kind: 'securityGroup',
      securityGroupId: OTHER,
      securityGroupOwnerId: ACCOUNT,
    });
    expect(actions).toEqual([DESCRIBE_RULES, DESCRIBE_GROUPS]);
  });

  test.each([
    ['nobody has such a group', {}],
    ['only others are told', { 'sg-0c': ACCOUNT }],
  ])('stays unknown when %s', async (_, owners) => {
    const { listed } = await listOne(refersTo(OTHER), owners);

    expect(listed?.rule?.source).toEqual({ kind: 'securityGroup', securityGroupId: OTHER });
  });

  test('is the owner of the rule when the group refers to itself', async () => {
    const { listed, actions } = await listOne(refersTo('sg-0a'));

    expect(listed?.rule?.source).toEqual({
      kind: 'securityGroup',
      securityGroupId: 'sg-0a',
      securityGroupOwnerId: ACCOUNT,
    });
    expect(actions).toEqual([DESCRIBE_RULES]);
  });

  test('is asked for together with the owner of the rule, where neither is told', async () => {
    const { listed } = await listOne(
      { ...refersTo(OTHER), groupOwnerId: undefined },
      { 'sg-0a': ACCOUNT, [OTHER]: STRANGER },
    );

    expect(listed?.rule).toMatchObject({
      account: ACCOUNT,
      source: { kind: 'securityGroup', securityGroupId: OTHER, securityGroupOwnerId: STRANGER },
    });
  });

  test('is not asked for when it is no id of a security group', async () => {
    const { listed, actions } = await listOne(refersTo('sg-*'));

    expect(listed?.unreadable?.problem).toContain('`sg-*` is not the id of a security group');
    expect(actions).toEqual([DESCRIBE_RULES]);
  });

  test('that cannot be asked for ends the listing', async () => {
    await using endpoint = await startScriptedEndpoint(
      rulesPage([refersTo(OTHER)]),
      ec2Error(403, 'UnauthorizedOperation'),
    );

    await expect(listAll(endpoint.url)).rejects.toMatchObject({ name: 'UnauthorizedOperation' });
  });
});

describe('a rule that cannot be read', () => {
  const cidrIpv4 = '10.0.0.0/16';

  test.each<[string, Readonly<Record<string, string | undefined>>]>([
    ['the source is missing: one of a CIDR, a prefix list and a security group', {}],
    [
      'the source is said in several ways: one of a CIDR, a prefix list and a security group',
      { cidrIpv4, prefixListId: 'pl-0a' },
    ],
    ['the source is said in several ways: CidrIpv4 and CidrIpv6', { cidrIpv4, cidrIpv6: '::/0' }],
    ['cidr `10.0.0.0` is not a range of addresses, such as 10.0.0.0/16', { cidrIpv4: '10.0.0.0' }],
    ['prefixListId `list` is not the id of a prefix list', { kind: 'prefixList', prefixListId: 'list' }],
    [
      "the source's securityGroupOwnerId `me` is not 12 digits",
      { referencedGroupInfo: '<groupId>sg-0b</groupId><userId>me</userId>' },
    ],
    ['account is missing', { cidrIpv4, groupOwnerId: undefined }],
    ['account `me` is not 12 digits', { cidrIpv4, groupOwnerId: 'me' }],
    ['ipProtocol is missing', { cidrIpv4, ipProtocol: undefined }],
    ['EC2 does not say whether it is an ingress rule', { cidrIpv4, isEgress: undefined }],
    [
      'EC2 does not say whether it is an ingress rule; the source is missing: one of a CIDR, a prefix list and a security group',
      { isEgress: undefined },
    ],
  ])('is told with its ids and why: %s', async (problem, changes) => {
    const { listed } = await listOne(changes);

    expect(listed).toEqual({ unreadable: { securityGroupId: 'sg-0a', securityGroupRuleId: 'sgr-01', problem } });
  });

  test('is told as far as it is known when its ids are none', async () => {
    const { listed } = await listOne({ cidrIpv4, groupId: 'a', securityGroupRuleId: 'b' });

    expect(listed).toEqual({
      unreadable: {
        securityGroupId: '`a`',
        problem:
          'securityGroupRuleId `b` is not the id of a rule; securityGroupId `a` is not the id of a security group',
      },
    });
  });

  test('does not keep the others from being listed', async () => {
    await using endpoint = await startScriptedEndpoint(
      rulesPage([{}, { cidrIpv4, securityGroupRuleId: 'sgr-02' }], 'more'),
      rulesPage([{ cidrIpv4, securityGroupRuleId: 'sgr-03' }]),
    );

    const listed = await listAll(endpoint.url);

    expect(listed.map(({ rule }) => rule?.securityGroupRuleId)).toEqual([undefined, 'sgr-02', 'sgr-03']);
  });
});

describe('a rule', () => {
  test('is read although elements are there that hold nothing', async () => {
    const { listed } = await listOne({ cidrIpv4: '10.0.0.0/16', cidrIpv6: '', prefixListId: '', description: '' });

    expect(listed?.rule).toMatchObject({ source: { kind: 'cidr', cidr: '10.0.0.0/16' } });
    expect(listed?.rule).not.toHaveProperty('description');
  });

  test('has no ports where EC2 tells none', async () => {
    const { listed } = await listOne({ cidrIpv4: '10.0.0.0/16', fromPort: undefined, toPort: undefined });

    expect(listed?.rule).not.toHaveProperty('fromPort');
    expect(listed?.rule).not.toHaveProperty('toPort');
  });
});

describe('a rule whose ports are none', () => {
  test.each([
    ['abc', '6379'],
    ['6379', '6379.5'],
    ['-2', '6379'],
    ['6379', '65536'],
    ['6380', '6379'],
  ])('cannot be judged: %s to %s', async (fromPort, toPort) => {
    const { listed } = await listOne({ cidrIpv4: '10.0.0.0/16', fromPort, toPort });

    const [from, to] = [Number(fromPort), Number(toPort)];
    expect(listed).toEqual({
      unreadable: {
        securityGroupId: 'sg-0a',
        securityGroupRuleId: 'sgr-01',
        problem: `its ports, ${from} to ${to}, are no range of ports`,
      },
    });
  });

  test.each([
    ['tcp', '-1', '6379'],
    ['tcp', '0', '65535'],
    ['icmp', '8', '0'],
    ['-1', '-1', '-1'],
  ])('is not one of %s from %s to %s', async (ipProtocol, fromPort, toPort) => {
    const { listed } = await listOne({ cidrIpv4: '10.0.0.0/16', ipProtocol, fromPort, toPort });

    expect(listed?.rule).toMatchObject({ ipProtocol, fromPort: Number(fromPort), toPort: Number(toPort) });
  });
});

describe('a listing that cannot go on', () => {
  test('throws what the API answers, after the pages that came', async () => {
    const denied: Answer = ec2Error(403, 'UnauthorizedOperation', 'You are not authorized.');
    await using endpoint = await startScriptedEndpoint(rulesPage([{ cidrIpv4: '10.0.0.0/16' }], 'more'), denied);
    const pages: (readonly ListedRule[])[] = [];

    const listing = (async () => {
      for await (const page of list(endpoint.url)) pages.push(page);
    })();

    await expect(listing).rejects.toMatchObject({ name: 'UnauthorizedOperation', message: 'You are not authorized.' });
    expect(pages).toHaveLength(1);
  });

  test('throws when the next page is the same for ever', async () => {
    await using endpoint = await startScriptedEndpoint(rulesPage([{ cidrIpv4: '10.0.0.0/16' }], 'more'));

    await expect(listAll(endpoint.url)).rejects.toThrow('the listing does not end');
    expect(endpoint.actions).toHaveLength(2);
  });

  test('ends when it is aborted, also in the middle of a call', async () => {
    await using endpoint = await startScriptedEndpoint('silence');
    const abort = new AbortController();

    const listing = collect(list(endpoint.url, ['sg-0a'], abort.signal));
    listing.catch(() => {});
    await expect.poll(() => endpoint.actions).toHaveLength(1);
    abort.abort();

    await expect(listing).rejects.toMatchObject({ name: 'AbortError' });
  });
});
