// The rules and grants that bench/decide.ts and bench/rivals.ts judge.
import type { ClassicRule } from '../src/policy/allowlist.ts';
import type { ClassicGrant } from '../src/policy/grant.ts';

export const ACCOUNT = '111122223333';
const STRANGER = '999988887777';
const OWNERS = [['self'], ['444455556666', 'self'], ['*'], ['self', '012345678901']];

/**
 * Every second rule names exactly whom it means, the others have wildcards: at the end, at the beginning, in between. No name
 * is covered by more rules the more there are, so that every size does the same work.
 */
export function rule(number: number): ClassicRule {
  const [cache, ec2] =
    number % 2 === 0
      ? [`sessions-${number}`, `web-${number}`]
      : ([
          [`team-${number}-*`, `job-${number}-*`],
          [`*-queue-${number}`, `*-worker-${number}`],
          [`shop-${number}-*-blue`, `app-${number}-*-eu`],
        ][number % 3] as [string, string]);
  return {
    id: `rule-${number}`,
    cacheSecurityGroups: [cache],
    ec2SecurityGroups: [ec2, `spare-${number}`],
    ownerIds: OWNERS[number % OWNERS.length] as string[],
    ...(number % 5 === 0 && { accounts: [ACCOUNT] }),
    ...(number % 7 === 0 && { expires: '2030-01-31' }),
  };
}

export const rules = (count: number): ClassicRule[] => Array.from({ length: count }, (_, i) => rule(i));

export type Kind = 'allow, exact' | 'allow, wildcard' | 'deny, near' | 'deny, far';
export const KINDS: readonly Kind[] = ['allow, exact', 'allow, wildcard', 'deny, near', 'deny, far'];

/** Grants of a kind, spread over all the rules. */
export function grantsOf(kind: Kind, judgedBy: readonly ClassicRule[], count: number): ClassicGrant[] {
  return Array.from({ length: count }, (_, i) => {
    const at = Math.floor((i * judgedBy.length) / count);
    // Even numbers are exact; of the others, none of those that any owner is good for.
    const { cacheSecurityGroups, ec2SecurityGroups } = judgedBy[
      kind === 'allow, exact' ? at & ~1 : at | 1
    ] as ClassicRule;
    const [into, from] = [fill(cacheSecurityGroups[0] as string), fill(ec2SecurityGroups[0] as string)];
    if (kind === 'deny, far') return grant(`nobody-${i}`, `knows-${i}`, STRANGER);
    return grant(into, from, kind === 'deny, near' ? STRANGER : ACCOUNT);
  });
}

/** A name that the pattern covers; a text of its own, as one that comes from an event is. */
const fill = (pattern: string): string => Buffer.from(pattern.replaceAll('*', 'some')).toString('latin1');

function grant(
  cacheSecurityGroupName: string,
  ec2SecurityGroupName: string,
  ec2SecurityGroupOwnerId: string,
): ClassicGrant {
  return {
    account: ACCOUNT,
    region: 'us-east-1',
    target: { cacheSecurityGroupName },
    source: { ec2SecurityGroupName, ec2SecurityGroupOwnerId },
  };
}
