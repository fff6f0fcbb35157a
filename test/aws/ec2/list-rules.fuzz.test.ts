import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ec2Client } from '../../../src/aws/ec2/client.ts';
import { listSecurityGroupRules } from '../../../src/aws/ec2/list-rules.ts';
import { canonicalIpv4, canonicalIpv6 } from '../../../src/local/ec2/cidr.ts';
import type { ListedRule } from '../../../src/policy/vpc/security-group-rule.ts';
import { ACCOUNT, REGION, STRANGER } from '../../support/examples/grants.ts';
import { credentials } from '../../support/local-aws/local-elasticache.ts';
import { ec2Answer } from '../../support/scripted/ec2-answers.ts';
import { expectSoundError, startOddEndpoint } from '../../support/scripted/odd-answers.ts';
import { damaged, inside, type OddElement, oddElements, saidIn, toXml } from '../../support/scripted/odd-xml.ts';
import type { Answer } from '../../support/scripted/scripted-endpoint.ts';
import { collect } from '../../support/tools/collect.ts';
import { harmless, times } from '../../support/tools/fuzz.ts';

const RULES = 'DescribeSecurityGroupRules';
const GROUPS = 'DescribeSecurityGroups';

const port = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom('6379', '6379', '0', '65535', '-1') },
  fc.constantFrom('6379.5', '1e3', '0x10', '-6379', '99999999999', 'NaN', 'all', ' 6379 '),
);
const cidrIpv4 = fc.constantFrom('10.0.0.0/16', '10.0.0.0/16', '0.0.0.0/0', '10.1.2.3/8', '010.0.0.0/8', '10.0.0.0');
const cidrIpv6 = fc.constantFrom(
  '2001:db8::/32',
  '::/0',
  '2001:DB8:1::/32',
  '2001:db8::1%eth0/128',
  '::ffff:1.2.3.4/96',
);
const referencedGroupInfo = oddElements({
  groupId: fc.constantFrom('sg-0b', 'sg-0b', 'sg-0b', 'sg-0a', 'sg-*'),
  userId: fc.constantFrom(STRANGER, ACCOUNT, undefined, undefined, undefined, '4444-5555-6666', '44445555666'),
});
/** One source most of the time, now and then none or several. */
const source = fc.oneof(
  ...Object.entries({ cidrIpv4, cidrIpv6, prefixListId: fc.constant('pl-0a'), referencedGroupInfo }).map(
    ([name, content]) => ({
      weight: name === 'referencedGroupInfo' ? 15 : 5,
      arbitrary: oddElements({ [name]: content }),
    }),
  ),
  { weight: 3, arbitrary: oddElements({ cidrIpv4, cidrIpv6, referencedGroupInfo }) },
);
const item = fc
  .tuple(
    oddElements({
      securityGroupRuleId: fc.constantFrom('sgr-01', 'sgr-02', 'sgr-03'),
      groupId: fc.constant('sg-0a'),
      groupOwnerId: fc.constantFrom(ACCOUNT, ACCOUNT, ACCOUNT, undefined),
      isEgress: fc.constantFrom('false', 'false', 'false', 'false', 'false', 'false', 'true', 'TRUE'),
      ipProtocol: fc.constantFrom('tcp', 'tcp', '-1', '6', 'icmpv6', 'TCP', '*'),
      fromPort: port,
      toPort: port,
      description: fc.constantFrom(undefined, 'for a test'),
    }),
    source,
  )
  .map(([rule, who]) => [...rule, ...who]);

const token = fc.constantFrom(undefined, undefined, undefined, '', 'a', 'a', 'b', 'c');
const page = fc.record({ items: fc.array(item, { maxLength: 3 }), next: token });
const owners = oddElements({
  securityGroupInfo: oddElements({
    item: oddElements({ groupId: fc.constantFrom('sg-0a', 'sg-0b'), ownerId: fc.constantFrom(ACCOUNT, STRANGER) }),
  }),
  nextToken: token,
});

const rulesXml = ({
  items,
  next,
}: {
  readonly items: readonly (readonly OddElement[])[];
  readonly next: string | undefined;
}) =>
  toXml([
    { name: 'securityGroupRuleSet', content: items.map((content) => ({ name: 'item', content })) },
    ...(next === undefined ? [] : [{ name: 'nextToken', content: next }]),
  ]);

/** The text of an element, and nothing if it is blank. If there are two, the SDK gives an error. */
function only(elements: readonly OddElement[], name: string): string | undefined {
  const [text = ''] = saidIn(elements, name);
  return text.trim() === '' ? undefined : text;
}

/** The source that an item tells of, in EC2's own spelling; nothing if it tells of none, or of more than one. */
function sourceSaid(elements: readonly OddElement[], ownerOf: (groupId: string | undefined) => string[]): unknown[] {
  const [v4, v6, prefixListId] = ['cidrIpv4', 'cidrIpv6', 'prefixListId'].map((name) => only(elements, name));
  const group = inside(elements, 'referencedGroupInfo');
  const securityGroupId = only(group, 'groupId');
  if ([v4, v6, prefixListId, securityGroupId].filter((one) => one !== undefined).length !== 1) return [];
  if (prefixListId) return [{ kind: 'prefixList', prefixListId }];
  // Each reads ranges with code of its own; that the local AWS does not take one that is read is not what this is about.
  if (v4) return [{ kind: 'cidr', cidr: canonicalIpv4(v4) }];
  if (v6) return [{ kind: 'cidr', cidr: canonicalIpv6(v6) }];
  const told = only(group, 'userId')?.replaceAll('-', '');
  const known = told === undefined ? ownerOf(securityGroupId) : [told];
  return [
    ...known.map((securityGroupOwnerId) => ({ kind: 'securityGroup', securityGroupId, securityGroupOwnerId })),
    { kind: 'securityGroup', securityGroupId },
  ];
}

function expectToBeSaid(
  { rule, unreadable, egressRuleId }: ListedRule,
  said: readonly OddElement[],
  groups: readonly OddElement[],
) {
  const isEgress = only(said, 'isEgress')?.toLowerCase() === 'true';
  if (egressRuleId !== undefined) {
    expect([egressRuleId, isEgress]).toEqual([only(said, 'securityGroupRuleId'), true]);
    return;
  }
  if (unreadable !== undefined) {
    expect(unreadable.problem).toMatch(/^[ -~]{10,1000}$/);
    expect(unreadable.securityGroupId).toMatch(/^[ -~]{1,80}$/);
    if (unreadable.securityGroupRuleId !== undefined)
      expect(unreadable.securityGroupRuleId).toBe(only(said, 'securityGroupRuleId'));
    return;
  }
  const described = inside(inside(groups, 'securityGroupInfo'), 'item');
  const ownerOf = (groupId: string | undefined) =>
    saidIn(described, 'groupId').includes(groupId ?? '') ? [...saidIn(described, 'ownerId')] : [];
  const own = only(said, 'groupOwnerId');
  const { account, region, source, fromPort, toPort, description, ...ids } = rule;
  expect(isEgress).toBe(false);
  expect([own ?? ownerOf(rule.securityGroupId)].flat()).toContain(account);
  expect(region).toBe(REGION);
  expect(ids).toEqual({
    securityGroupId: only(said, 'groupId'),
    securityGroupRuleId: only(said, 'securityGroupRuleId'),
    ipProtocol: only(said, 'ipProtocol'),
  });
  // The SDK takes an empty number for 0.
  expect([fromPort, toPort]).toEqual(['fromPort', 'toPort'].map((name) => saidIn(said, name).map(Number)[0]));
  for (const one of [fromPort, toPort]) if (one !== undefined) expect(one >= -1 && one <= 65_535).toBe(true);
  expect(description).toBe(only(said, 'description'));
  const ownGroup = (groupId: string | undefined) => (groupId === rule.securityGroupId ? [account] : ownerOf(groupId));
  expect(sourceSaid(said, ownGroup)).toContainEqual(source);
}

function isSaid(...what: Parameters<typeof expectToBeSaid>): boolean {
  try {
    expectToBeSaid(...what);
    return true;
  } catch {
    return false;
  }
}

/** All that is listed, page by page, from an EC2 that answers so. */
async function listFrom(rules: readonly Answer[], groups: readonly Answer[]) {
  await using endpoint = await startOddEndpoint({ [RULES]: rules, [GROUPS]: groups });
  const client = ec2Client({ endpoint: endpoint.url, credentials, maxAttempts: 1, region: REGION });
  try {
    return await collect(listSecurityGroupRules(client, ['sg-0a']));
  } finally {
    client.destroy();
  }
}

test('whatever EC2 answers, each rule is what was said of it, or has a problem in a sentence, and the listing ends', async () => {
  const seen = new Set<string>();

  await fc.assert(
    fc.asyncProperty(fc.array(page, { minLength: 1, maxLength: 4 }), owners, (pages, groups) =>
      harmless(async () => {
        const answers = pages.map((one) => ec2Answer(RULES, rulesXml(one)));
        const listed = await listFrom(answers, [ec2Answer(GROUPS, toXml(groups))]).catch((error: unknown) => {
          seen.add((error as Error).message.startsWith('the listing does not end') ? 'no end' : 'error');
          expectSoundError(error);
        });
        if (listed === undefined) return;
        expect(listed).toHaveLength(1 + pages.findIndex(({ next }, i) => !next || i === pages.length - 1));
        const before = new Set<string>();
        listed.forEach((rules, i) => {
          let at = 0;
          for (const said of pages[i]?.items ?? []) {
            const one = rules[at];
            // One that was listed before is not listed again.
            if (one === undefined || !isSaid(one, said, groups)) {
              seen.add('again');
              expect([...before].some((written) => isSaid(JSON.parse(written), said, groups))).toBe(true);
              continue;
            }
            at++;
            seen.add(Object.keys(one)[0] as string);
            before.add(JSON.stringify(one));
          }
          // Nothing is listed that was not said.
          expect(at).toBe(rules.length);
        });
      }),
    ),
    times(400),
  );

  expect([...seen].sort()).toEqual(['again', 'egressRuleId', 'error', 'no end', 'rule', 'unreadable']);
});

test("whatever is done to EC2's answer on the way, it is read, or is an error", async () => {
  const whole = fc
    .record({ items: fc.array(item, { minLength: 1, maxLength: 2 }), next: token })
    .map((one) => (ec2Answer(RULES, rulesXml(one)) as { readonly xml: string }).xml);
  const seen = new Set<string>();

  await fc.assert(
    fc.asyncProperty(whole.chain(damaged), fc.constantFrom(200, 200, 200, 400, 403, 500, 503), (xml, status) =>
      harmless(async () => {
        try {
          const listed = await listFrom([{ status, xml }], [{ status, xml }]);
          for (const { unreadable } of listed.flat()) {
            if (unreadable) expect(unreadable.problem).toMatch(/^[ -~]{10,1000}$/);
          }
          seen.add('read');
        } catch (error) {
          expectSoundError(error);
          seen.add('error');
        }
      }),
    ),
    times(300),
  );

  expect([...seen].sort()).toEqual(['error', 'read']);
});
