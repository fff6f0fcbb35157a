import type { ClassicGrant } from '../policy/classic/grant.ts';
import { describeGrant } from '../policy/grant.ts';
import { isPublicEndpoint, type VpcGrant } from '../policy/vpc/grant.ts';
import type { RuleText } from '../policy/vpc/rule-text.ts';
import { readRuleText } from '../policy/vpc/rule-text.ts';
import { grantsOf } from '../policy/vpc/security-group-rule.ts';
import { CommandError, type Io } from './io.ts';
import { readGrants } from './read-grants.ts';

/** What is to be restored by one call: a grant of a cache security group, or a rule with all the grants that it makes. */
export type Revoked =
  | { readonly grants: readonly [ClassicGrant]; readonly rule?: never }
  | { readonly grants: readonly [VpcGrant, ...VpcGrant[]]; readonly rule: RuleText };

/**
 * What a decision says was revoked, each once; of a report or a log, all that was. Events and places that were not judged are
 * passed over: by them nothing was revoked.
 *
 * @throws {CommandError} if nothing was, if something cannot be read, or if it does not say what a revoked rule said.
 */
export async function readRevoked(file: string, io: Io): Promise<Revoked[]> {
  const revoked = new Map<string, Revoked>();
  for await (const written of readGrants([file], io)) {
    if (written.notJudged) continue;
    if (written.grant === undefined) throw new CommandError(`${written.where}: ${written.problem}`);
    const { grant, outcome, securityGroupRule } = written;
    // Of anything else, recorded events among them, no one knows whether it was there and should be again.
    if (outcome !== 'revoked') continue;
    if (grant.kind === 'vpc' && isPublicEndpoint(grant)) continue;
    if (grant.kind !== 'vpc') revoked.set(JSON.stringify(grant), { grants: [grant] });
    else {
      const { account, region, target } = grant;
      const key = JSON.stringify([account, region, target.securityGroupId, target.securityGroupRuleId]);
      revoked.set(key, addGrant(revoked.get(key), grant, readRule(securityGroupRule, grant, file), file));
    }
  }
  if (revoked.size === 0)
    throw new CommandError(
      `${file} names no grant that was revoked: name the decision line, the outcome or the report that does`,
    );
  return [...revoked.values()];
}

function addGrant(known: Revoked | undefined, grant: VpcGrant, rule: RuleText, file: string): Revoked {
  if (known?.rule === undefined) return { grants: [grant], rule };
  const [first] = known.grants;
  if (JSON.stringify([first.source, known.rule]) !== JSON.stringify([grant.source, rule])) {
    throw new CommandError(`${file} says in two ways what rule ${grant.target.securityGroupRuleId} said`);
  }
  const isKnown = known.grants.some((one) => JSON.stringify(one) === JSON.stringify(grant));
  return isKnown ? known : { grants: [...known.grants, grant], rule };
}

/** What the rule said, which no one but the decision knows any more. */
function readRule(written: unknown, grant: VpcGrant, file: string): RuleText {
  const rule = readRuleText(written);
  const { account, region, source, target } = grant;
  const which = `${describeGrant(grant)} cannot be restored`;
  if (rule === undefined) {
    throw new CommandError(
      `${which}: ${file} does not say what the rule said (securityGroupRule), and EC2 does not know it any more. Find the call that made it in CloudTrail, by the rule's id.`,
    );
  }
  const [made] = grantsOf({ account, region, source, ...target, ...rule }, [target]);
  // Its grants are what is held to the allowlist. A rule that does not make them is not the one that was revoked.
  if (JSON.stringify(made?.target.ports) !== JSON.stringify(target.ports)) {
    throw new CommandError(`${which}: the rule in ${file} does not open these ports`);
  }
  return rule;
}
