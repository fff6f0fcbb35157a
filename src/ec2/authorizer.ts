import type { RuleText } from '../policy/finding.ts';
import type { VpcGrant } from '../policy/grant.ts';
import { authorizeSecurityGroupRule, type RuleAuthorization } from './authorize-rule.ts';
import { ec2Clients } from './clients.ts';

const clientFor = ec2Clients();

/** Makes the rule of a grant again in its own region, with the clients that this process keeps. See `authorizeSecurityGroupRule`. */
export function authorizeRule(grant: VpcGrant, text: RuleText): Promise<RuleAuthorization> {
  return authorizeSecurityGroupRule(clientFor(grant.region), grant, text);
}
