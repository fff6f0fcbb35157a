import type { SecurityGroupRule } from '../../policy/vpc/security-group-rule.ts';
import { describeError } from '../describe-error.ts';
import type { VpcPorts } from '../ports.ts';

/** Rules with the names of the security groups that they allow access from, as far as they are known. */
export interface NamedRules {
  /** By rule as it was given. */
  readonly nameRule: (rule: SecurityGroupRule) => SecurityGroupRule;
  /** Why the names could not be asked for. */
  readonly problem?: string;
}

/** Of rules whose groups need no names. */
export const UNNAMED: NamedRules = { nameRule: (rule) => rule };

/**
 * Asks for the names of the security groups that rules allow access from: of those of the account itself, and of those whose owner is
 * not known. Another account's cannot be looked up. Makes no call if there are none. Never throws: a name that is not known is none, and
 * what depends on it is not judged.
 */
export async function askGroupNames(
  rules: readonly SecurityGroupRule[],
  ports: Pick<VpcPorts, 'readGroupNames'>,
): Promise<NamedRules> {
  const ids = new Set(
    rules.flatMap(({ account, source }) => {
      if (source.kind !== 'securityGroup') return [];
      const owner = source.securityGroupOwnerId;
      return owner === undefined || owner === account ? source.securityGroupId : [];
    }),
  );
  if (ids.size === 0) return UNNAMED;
  try {
    const names = await ports.readGroupNames([...ids]);
    return { nameRule: (rule) => withName(rule, names) };
  } catch (error) {
    return { ...UNNAMED, problem: `the names of security groups could not be asked for: ${describeError(error)}` };
  }
}

function withName(rule: SecurityGroupRule, names: ReadonlyMap<string, string>): SecurityGroupRule {
  const { source } = rule;
  const name = source.kind === 'securityGroup' ? names.get(source.securityGroupId) : undefined;
  if (source.kind !== 'securityGroup' || name === undefined) return rule;
  const { kind, securityGroupId, ...owner } = source;
  return { ...rule, source: { kind, securityGroupId, securityGroupName: name, ...owner } };
}

/** The same without the name: as EC2 lists it. */
export function withoutName(rule: SecurityGroupRule): SecurityGroupRule {
  if (rule.source.kind !== 'securityGroup') return rule;
  const { securityGroupName: _, ...source } = rule.source;
  return { ...rule, source };
}
