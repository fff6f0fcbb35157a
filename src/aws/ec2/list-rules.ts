import {
  type EC2Client,
  type SecurityGroupRule as ListedByEc2,
  paginateDescribeSecurityGroupRules,
} from '@aws-sdk/client-ec2';
import { quote } from '../../policy/quote.ts';
import { isRuleId, isSecurityGroupId } from '../../policy/vpc/names.ts';
import { readVpcSource } from '../../policy/vpc/read-source.ts';
import { isPortOrNone, isProtocol, ruleText } from '../../policy/vpc/rule-text.ts';
import { isTcp, type ListedRule } from '../../policy/vpc/security-group-rule.ts';
import { isAccountId, problemOf } from '../../policy/written.ts';
import { oneAhead, pagesToTheEnd } from '../pages.ts';
import { byGroupId } from './filters.ts';
import { type GroupOwners, readGroupOwners } from './group-owners.ts';

/**
 * Lists every rule of these security groups with DescribeSecurityGroupRules, page by page. A group that is not there has none.
 * One that EC2 lists twice, as it may when rules are made while pages are read, is listed once, unless it was edited in between.
 * Makes calls to DescribeSecurityGroups only for owners that rules do not show. The next page is on its way while one is evaluated.
 *
 * @throws what the API answers, after the SDK's retries.
 */
export function listSecurityGroupRules(
  client: EC2Client,
  securityGroupIds: readonly string[],
  abortSignal?: AbortSignal,
): AsyncGenerator<readonly ListedRule[]> {
  return oneAhead(listPages(client, securityGroupIds, abortSignal));
}

async function* listPages(
  client: EC2Client,
  securityGroupIds: readonly string[],
  abortSignal: AbortSignal | undefined,
): AsyncGenerator<readonly ListedRule[]> {
  const region = await client.config.region();
  for (const filter of byGroupId(securityGroupIds)) {
    const listed = new Map<string, ListedRule>();
    const input = { Filters: [filter] };
    const pages = paginateDescribeSecurityGroupRules({ client, pageSize: 1000 }, input, { abortSignal });
    for await (const rules of pagesToTheEnd(pages, 'SecurityGroupRules', 'NextToken')) {
      const owners = await readGroupOwners(client, rules, abortSignal);
      yield rules.flatMap((rule) => {
        const one = readRule(rule, region, owners);
        const { SecurityGroupRuleId: id = '' } = rule;
        const before = listed.get(id);
        if (before !== undefined && JSON.stringify(before) === JSON.stringify(one)) return [];
        if (id !== '') listed.set(id, one);
        return one;
      });
    }
  }
}

function readRule(listed: ListedByEc2, region: string, owners: GroupOwners): ListedRule {
  const { SecurityGroupRuleId: id, GroupId, IsEgress, IpProtocol, FromPort, ToPort, Description } = listed;
  const problems: string[] = [];
  const text = (part: string, value: string | undefined, expected: string, isGood: (text: string) => boolean) => {
    if (value !== undefined && isGood(value)) return value;
    problems.push(problemOf(part, value, expected));
    return '';
  };
  const securityGroupRuleId = text('securityGroupRuleId', id, 'the id of a rule', isRuleId);
  if (IsEgress && securityGroupRuleId !== '') return { egressRuleId: securityGroupRuleId };
  const securityGroupId = text('securityGroupId', GroupId, 'the id of a security group', isSecurityGroupId);
  const owner = listed.GroupOwnerId || owners.get(GroupId);
  const account = text('account', owner, '12 digits', (value) => isAccountId(value));
  const ipProtocol = text('ipProtocol', IpProtocol, 'a protocol', isProtocol);
  if (IsEgress === undefined) problems.push('EC2 does not say whether it is an ingress rule');
  if (!isRange(ipProtocol, FromPort, ToPort)) {
    problems.push(`its ports, ${FromPort} to ${ToPort}, are no range of ports`);
  }
  const { source, problem } = readSource(listed, owner, owners);
  if (problem !== undefined) problems.push(problem);
  if (source === undefined || problems.length > 0) {
    return {
      unreadable: {
        securityGroupId: securityGroupId || quote(GroupId),
        ...(securityGroupRuleId !== '' && { securityGroupRuleId }),
        problem: problems.join('; '),
      },
    };
  }
  return {
    rule: {
      account,
      region,
      securityGroupId,
      securityGroupRuleId,
      ...ruleText({ ipProtocol, fromPort: FromPort, toPort: ToPort, description: Description || undefined }),
      source,
    },
  };
}

/**
 * Whether a rule can have these ports: −1 for all, or from 0 to 65535, and of TCP in order. Of ICMP they are type and code. The
 * SDK gives whatever the answer has, NaN for what is no number: a rule that opens no port by that would stand unseen.
 */
function isRange(ipProtocol: string, first = -1, last = -1): boolean {
  return isPortOrNone(first) && isPortOrNone(last) && (!isTcp(ipProtocol) || last === -1 || first <= last);
}

/** Who gets access by a rule, if EC2 says it in one way and no other. */
function readSource(
  listed: ListedByEc2,
  owner: string | undefined,
  owners: GroupOwners,
): ReturnType<typeof readVpcSource> {
  const { CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupInfo } = listed;
  // An empty element is as good as none.
  if (CidrIpv4 && CidrIpv6) return { problem: 'the source is said in several ways: CidrIpv4 and CidrIpv6' };
  const referenced = ReferencedGroupInfo?.GroupId || undefined;
  const referencedOwner = referenced === listed.GroupId ? owner : owners.get(referenced);
  return readVpcSource({
    cidr: CidrIpv4 || CidrIpv6 || undefined,
    prefixListId: PrefixListId || undefined,
    securityGroupId: referenced,
    securityGroupOwnerId: ReferencedGroupInfo?.UserId || referencedOwner,
  });
}
