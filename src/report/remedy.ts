import { type AllowlistRule, isVpcRule } from '../policy/allowlist.ts';
import type { ClassicGrant } from '../policy/classic/grant.ts';
import type { Grant } from '../policy/grant.ts';
import { groupBy } from '../policy/group-by.ts';
import { learnAllowlist } from '../policy/learn-allowlist.ts';
import { isPublicEndpoint, type VpcGrant } from '../policy/vpc/grant.ts';

/**
 * The AWS CLI's command that revokes a grant, to be pasted into a POSIX shell whatever the names are. Of a security group's rule
 * it is the same for each of its grants: the rule goes as a whole. `undefined` for a public endpoint, which no call takes away.
 */
export function revokeCommand(grant: Grant): string | undefined {
  if (grant.kind === 'classic') return revokeGrantCommand(grant);
  return isPublicEndpoint(grant) ? undefined : revokeRulesCommand(grant, [grant.target.securityGroupRuleId]);
}

/** How many rules a command names at most, so that a person can still read it. */
const MOST_RULES = 20;

/** The commands for many grants: one for the rules of a security group, and each once. In the order of the first grant of each. */
export function revokeCommands(grants: readonly Grant[]): string[] {
  const ofGroup = groupBy(grants, (grant) =>
    JSON.stringify(
      grant.kind === 'vpc' && !isPublicEndpoint(grant)
        ? [grant.account, grant.region, grant.target.securityGroupId]
        : grant,
    ),
  );
  return [...ofGroup.values()].flatMap((alike) => {
    const [first] = alike as [Grant, ...Grant[]];
    if (first.kind === 'classic') return revokeGrantCommand(first);
    if (isPublicEndpoint(first)) return [];
    const ids = [
      ...new Set(
        alike.flatMap(({ target }) => ('securityGroupRuleId' in target ? (target.securityGroupRuleId ?? []) : [])),
      ),
    ];
    const commands: string[] = [];
    for (let from = 0; from < ids.length; from += MOST_RULES) {
      commands.push(revokeRulesCommand(first, ids.slice(from, from + MOST_RULES)));
    }
    return commands;
  });
}

function revokeRulesCommand({ region, target: { securityGroupId } }: VpcGrant, ruleIds: readonly string[]): string {
  const command = `aws ec2 revoke-security-group-ingress ${option('region', region)}`;
  if (![securityGroupId, ...ruleIds].every((id) => AWS_ID.test(id))) {
    const input = { GroupId: securityGroupId, SecurityGroupRuleIds: ruleIds };
    return `${command} --cli-input-json ${quoted(JSON.stringify(input))}`;
  }
  return `${command} --group-id ${securityGroupId} --security-group-rule-ids ${ruleIds.join(' ')}`;
}

/** What an id of AWS looks like. In a report that someone wrote it can be anything, and the AWS CLI would read lists into it. */
const AWS_ID = /^[a-z]+-[0-9a-z]+$/;

function revokeGrantCommand({ region, target, source }: ClassicGrant): string {
  const command = `aws elasticache revoke-cache-security-group-ingress ${option('region', region)}`;
  const { cacheSecurityGroupName } = target;
  const { ec2SecurityGroupName, ec2SecurityGroupOwnerId } = source;
  const values = [cacheSecurityGroupName, ec2SecurityGroupName, ec2SecurityGroupOwnerId];
  if (values.some((value) => READ_FROM_ELSEWHERE.test(value))) {
    const input = {
      CacheSecurityGroupName: cacheSecurityGroupName,
      EC2SecurityGroupName: ec2SecurityGroupName,
      EC2SecurityGroupOwnerId: ec2SecurityGroupOwnerId,
    };
    return `${command} --cli-input-json ${quoted(JSON.stringify(input))}`;
  }
  return [
    command,
    option('cache-security-group-name', cacheSecurityGroupName),
    option('ec2-security-group-name', ec2SecurityGroupName),
    option('ec2-security-group-owner-id', ec2SecurityGroupOwnerId),
  ].join(' ');
}

/** As the value of an option, the AWS CLI takes these for where to read the value from. */
const READ_FROM_ELSEWHERE = /^(?:fileb?|https?):\/\//i;

function option(name: string, value: string): string {
  // A value that begins with a hyphen would be taken for an option if it were a separate word.
  return `--${name}${value.startsWith('-') ? '=' : ' '}${quoted(value)}`;
}

/** A value as one word of a POSIX shell, as it is where a shell would leave it so. */
export function quoted(value: string): string {
  return /^[A-Za-z0-9_./:-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}

/**
 * The rules to add to an allowlist so that it allows these grants and nothing else, in YAML; empty if no rule could. See
 * `whyNoneAllows`.
 *
 * @param day goes into the rules' ids, so that they are not those of rules that are there already: `2027-01-31`
 */
export function rulesToAdd(grants: readonly Grant[], day: string): string {
  return learnAllowlist(grants, { wildcards: false })
    .rules.map((rule) => toYaml({ ...rule, id: `${rule.id.slice(0, 117)}-${day}` }))
    .join('\n');
}

function toYaml(rule: AllowlistRule): string {
  const lists = isVpcRule(rule)
    ? {
        caches: rule.caches,
        securityGroupIds: rule.securityGroupIds,
        securityGroupNames: rule.securityGroupNames,
        ownerIds: rule.ownerIds,
        cidrs: rule.cidrs,
        prefixListIds: rule.prefixListIds,
        ports: rule.ports,
      }
    : {
        cacheSecurityGroups: rule.cacheSecurityGroups,
        ec2SecurityGroups: rule.ec2SecurityGroups,
        ownerIds: rule.ownerIds,
      };
  const written = Object.entries({ ...lists, accounts: rule.accounts, regions: rule.regions });
  return [
    `  - id: ${rule.id}`,
    ...written.flatMap(([key, values]) => (values === undefined ? [] : [`    ${key}: ${sequence(values)}`])),
    '    reason: "" # why it is needed',
  ].join('\n');
}

/** JSON is YAML too. Quotes are left out where no reader of YAML could take the value for anything but a text. */
function sequence(values: readonly (string | number)[]): string {
  const items = values.map((value) =>
    typeof value === 'string' && PLAIN.test(value) && !NOT_TEXT.test(value) ? value : JSON.stringify(value),
  );
  return `[${items.join(', ')}]`;
}

const PLAIN = /^[a-z][a-z0-9-]*$/;
const NOT_TEXT = /^(?:y|yes|n|no|true|false|on|off|null)$/;
