import { isRuleId } from '../policy/vpc/names.ts';
import { problemOf } from '../policy/written.ts';
import { agreed, type CloudTrailRecord } from './delivered-record.ts';
import { listAt, lowerFirst, valuesAt, withWrapped } from './json-members.ts';

/** What a call to EC2 says of the rules that it made or edited, as it is written there; the ids of rules are read. */
export interface SecurityGroupRulesCall {
  readonly securityGroupId: unknown;
  /** Empty if the call does not say of each rule which it is. */
  readonly securityGroupRuleIds: readonly string[];
  /** Whose the security group is; not there in records up to May 2021. */
  readonly owners: readonly unknown[];
}

/**
 * Reads AuthorizeSecurityGroupIngress and ModifySecurityGroupRules. Of the rules themselves nothing is read: they are judged
 * as EC2 says they are, not as the call wanted them. So it does not matter which of the ways to write a permission was taken,
 * nor whether the answer says `_return: false`, of which no record was seen: a rule that was not made is not there.
 *
 * @param problems is added to.
 * @returns `ignored` with the reason if it made egress rules only.
 */
export function readRulesCall(
  { requestParameters, responseElements }: CloudTrailRecord,
  eventName: string,
  problems: string[],
): SecurityGroupRulesCall | { readonly ignored: string } {
  // ModifySecurityGroupRulesRequest is seen in queries of others' records, with capital letters throughout.
  const asked = withWrapped(requestParameters, lowerFirst(`${eventName}Request`));
  const answered = withWrapped(responseElements, lowerFirst(`${eventName}Response`));
  const answeredRules = listAt(answered, 'securityGroupRuleSet', 'securityGroupRules');
  const made = answeredRules.filter((rule) => !isEgress(rule));
  if (answeredRules.length > 0 && made.length === 0) return { ignored: 'all its rules are egress rules' };
  // Under CloudFormation, and by name, only the answer has the id.
  const securityGroupId = agreed(
    problems,
    'securityGroupId',
    [...asked, ...answeredRules].flatMap((one) => valuesAt(one, 'groupId')),
  );
  const edited = listAt(asked, 'securityGroupRule', 'securityGroupRules');
  const rules = eventName === 'ModifySecurityGroupRules' ? edited : made;
  return {
    securityGroupId,
    securityGroupRuleIds: readRuleIds(rules, problems),
    owners: answeredRules.flatMap((rule) => valuesAt(rule, 'groupOwnerId')),
  };
}

/** The ids of all these rules, each once; none if one of them has none: to know some of them would be to miss the rest. */
function readRuleIds(rules: readonly unknown[], problems: string[]): string[] {
  const written = rules.map((rule) => [...new Set(valuesAt(rule, 'securityGroupRuleId'))]);
  const disagreeing = written.find((ids) => ids.length > 1);
  if (disagreeing !== undefined) agreed(problems, 'securityGroupRuleId', disagreeing);
  const bad = written.flat().findIndex((id) => !(typeof id === 'string' && isRuleId(id)));
  if (bad >= 0) problems.push(problemOf('securityGroupRuleId', written.flat()[bad], 'the id of a rule'));
  return written.some((ids) => ids.length === 0) ? [] : [...new Set(written.flat() as string[])];
}

function isEgress(rule: unknown): boolean {
  return valuesAt(rule, 'isEgress').some((value) => value === true || value === 'true');
}
