import type { NotJudged } from '../../policy/finding.ts';
import type { SecurityGroupRule, UnreadableRule } from '../../policy/vpc/security-group-rule.ts';
import type { NamedRules } from './group-names.ts';
import type { RevocableRule } from './revocable.ts';

/** What cannot be judged, without its place. */
export type Unjudged = Pick<NotJudged, 'what' | 'why'>;

/** A rule that cannot be judged because it cannot be read. */
export function describeUnreadable(unreadable: UnreadableRule): Unjudged {
  return { what: nameRule(unreadable), why: unreadable.problem };
}

/** A rule that cannot be judged because something that its decision depends on is not known. */
export function describeUnknown({ rule, unknown }: RevocableRule, { problem }: NamedRules): Unjudged {
  const why = unknown?.problem ?? '';
  // Why names are not known matters where one is asked for: of a security group.
  const isNamed = rule.source.kind === 'securityGroup' && problem !== undefined;
  return { what: nameRule(rule), why: isNamed ? `${why} (${problem})` : why };
}

function nameRule({ securityGroupId, securityGroupRuleId }: Partial<SecurityGroupRule>): string {
  return `rule ${securityGroupRuleId ?? 'without an id'} of security group ${securityGroupId}`;
}
