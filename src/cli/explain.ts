import { type Command, Option } from 'commander';
import type { LocatedAllowlist } from '../allowlist/loaded-allowlist.ts';
import type { SecurityGroupRulesEvent } from '../cloudtrail/parse-security-group-event.ts';
import type { AccountPaths } from '../policy/account-paths.ts';
import { type AllowlistRule, isVpcRule } from '../policy/allowlist.ts';
import type { ClassicAllowlistRule } from '../policy/classic/allowlist-rule.ts';
import type { ClassicGrant } from '../policy/classic/grant.ts';
import { decide, dependsOnEntries, reasonsAgainst, whyUnitsUnknown } from '../policy/decide.ts';
import type { Decision, Reason } from '../policy/decision.ts';
import { type Access, describeGrant } from '../policy/grant.ts';
import type { Part } from '../policy/parts.ts';
import { printable, quote } from '../policy/quote.ts';
import type { VpcAllowlistRule } from '../policy/vpc/allowlist-rule.ts';
import { namesOf, type VpcAccess } from '../policy/vpc/grant.ts';
import type { PrefixListSource } from '../policy/vpc/source.ts';
import { readAskedGrant } from './asked-grant.ts';
import { type Completed, completeQuestion, DEFAULT_PORT, inFlags } from './asked-with-less.ts';
import type { grantsOfRules } from './grants-of-rules.ts';
import { readAllowlist } from './inputs.ts';
import { CommandError, EXIT, type Io } from './io.ts';
import { oneLine } from './one-line.ts';
import {
  accountPathOption,
  allowlistOption,
  atOption,
  type Format,
  formatOption,
  regionNames,
  wholeNumber,
} from './options.ts';
import { type Paint, painter } from './paint.ts';
import { describePointers, readGrants } from './read-grants.ts';

interface ExplainOptions {
  readonly account?: string;
  readonly region?: readonly string[];
  readonly accountPath?: readonly string[];
  readonly cacheSecurityGroupName?: string;
  readonly ec2SecurityGroupName?: string;
  readonly ec2SecurityGroupOwnerId?: string;
  readonly cacheName?: string;
  readonly clusterName?: string[];
  readonly port?: number[];
  readonly cidr?: string;
  readonly prefixListId?: string;
  readonly entry?: readonly string[];
  readonly securityGroupId?: string;
  readonly securityGroupName?: string;
  readonly securityGroupOwnerId?: string;
  readonly publicEndpoint?: true;
  readonly allowlist: string;
  readonly at: Date;
  readonly format: Format;
}

/** `ingress-guard explain`: what the allowlist says of a grant, and why. */
export function explainCommand(program: Command, io: Io, exit: (code: number) => void): void {
  const { AWS_REGION, AWS_DEFAULT_REGION } = io.environment;
  const region = AWS_REGION || AWS_DEFAULT_REGION;
  program
    .command('explain')
    .description('show what the allowlist says of a grant, and why')
    .argument(
      '[grants...]',
      'ids of security group rules (sgr-…), or files with grants: events, decisions, a report; - for standard input',
    )
    .option('--account <id>', 'the account of the cache; leave it out if the allowlist is the same for all')
    .addOption(
      new Option(
        '--region <name>',
        'its region, or several: a,b (AWS_REGION); any, if the allowlist does not depend on it',
      )
        .argParser(regionNames())
        .default(region === undefined ? undefined : [region]),
    )
    .addOption(accountPathOption())
    .addOption(atOption())
    .addOption(allowlistOption(io))
    .addOption(formatOption())
    .optionsGroup('A cache, and who reaches it through a rule of its VPC security groups:')
    .option('--cache-name <name>', 'the replication group, else the cluster or the serverless cache')
    .option('--cluster-name <name...>', 'the clusters of the replication group, which allowlist rules can name too')
    .option('--port <n...>', `the open ports of the cache (default: ${DEFAULT_PORT})`, ports)
    .option('--cidr <range>', 'a range of addresses, or one address, that reaches the cache')
    .option('--prefix-list-id <id>', 'a prefix list that reaches the cache')
    .option('--entry <range...>', 'all entries of that prefix list')
    .option('--security-group-id <id>', 'a security group that reaches the cache')
    .option('--security-group-name <name>', 'the name of that security group')
    .option('--security-group-owner-id <id>', 'the account that owns that security group')
    .option('--public-endpoint', 'anyone on the internet reaches the cache by its public endpoint')
    .optionsGroup('Or a cache security group, and who reaches it:')
    .option('--cache-security-group-name <name>', 'the cache security group')
    .option('--ec2-security-group-name <name>', 'the EC2 security group that reaches it')
    .option('--ec2-security-group-owner-id <id>', 'the account that owns the EC2 security group')
    .addHelpText(
      'after',
      `
Exit code: 0 allowed, 2 denied, 1 no grant could be read, or the answer depends on what is not known (entries of
a prefix list, organizational units), 3 allowlist not valid.
The rule of an id, and the rules of an event, are looked up with your AWS credentials: what they say now decides.

Example:
  $ ingress-guard explain --cache-name sessions --cidr 10.0.3.7
  $ ingress-guard explain sgr-0123456789abcdef0 --region us-east-1
  $ ingress-guard explain --account 123456789012 --region us-east-1 --cache-name sessions --port 6379 \\
      --cidr 10.0.3.0/24
  $ ingress-guard explain --account 123456789012 --region us-east-1 --cache-security-group-name sessions \\
      --ec2-security-group-name web --ec2-security-group-owner-id 123456789012`,
    )
    .action(async (files: string[], options: ExplainOptions) => {
      const read = await readAllowlist(options.allowlist, io);
      const asked = files.length > 0 ? await readFrom(files, options, io) : fromOptions(options, read);
      const allowlist = { ...read, compiled: read.compiled.withAccountPaths(pathsFor(asked, options)) };
      for (const grant of asked.grants) {
        const explanation = explain(grant, allowlist, options.at);
        io.stdout.write(
          options.format === 'json'
            ? `${JSON.stringify({ ...explanation, grant: withoutAny(grant, asked) })}\n`
            : toText(explanation, { ...allowlist, file: options.allowlist, of: asked }, painter(io)),
        );
        if (explanation.dependsOnEntries || explanation.dependsOnUnits !== undefined) exit(EXIT.failed);
        else if (explanation.decision.effect === 'deny') exit(EXIT.disallowed);
      }
    });
}

function ports(written: string, before: readonly number[] = []): number[] {
  return [...before, wholeNumber(1, 65_535)(written)];
}

/** The grant that the options say, in each of the regions. */
function fromOptions(
  { port, clusterName, entry, region: regions, ...options }: ExplainOptions,
  { allowlist }: LocatedAllowlist,
): Asked {
  if (options.cacheName === undefined && options.cacheSecurityGroupName === undefined) {
    throw new CommandError(
      'which grant? Name --cache-name or --cache-security-group-name and who reaches it, an id (sgr-…), or a file. See ingress-guard explain --help',
    );
  }
  const completed = (regions ?? [undefined]).map((region) =>
    completeQuestion({ ...options, region, clusterNames: clusterName, ports: port, entries: entry }, allowlist.rules),
  );
  const grants = completed.map(({ asked, problems: missing }) => {
    const { grant, problems = [] } = readAskedGrant(asked);
    if (grant !== undefined && missing.length === 0) return grant;
    const all = [...missing, ...problems.map(inFlags)];
    throw new CommandError(`this is no grant: ${all.join('; ')}. See ingress-guard explain --help`);
  });
  const [{ anyAccount, anyRegion }] = completed as [Completed];
  return { grants, anyAccount, anyRegion };
}

interface Asked {
  readonly grants: readonly Access[];
  /** Where no account, or no region, was named, because any will do. */
  readonly anyAccount?: boolean;
  readonly anyRegion?: boolean;
  /** What a report of an organization says of its accounts. */
  readonly accountPaths?: AccountPaths;
}

/** The organizational units of the accounts that are asked about: those of the option, else those of a report. */
function pathsFor({ grants, accountPaths = new Map() }: Asked, { accountPath }: ExplainOptions): AccountPaths {
  if (accountPath === undefined) return accountPaths;
  const accounts = [...new Set(grants.map(({ account }) => account))];
  if (accounts.length > 1) {
    throw new CommandError(`--account-path is of one account, and the grants are in ${accounts.length}: leave it out`);
  }
  return new Map(accounts.map((account) => [account, accountPath]));
}

/** What stands in the place of an account, or of a region, is not part of the answer. */
function withoutAny(grant: Access, { anyAccount, anyRegion }: Asked): object {
  const { account, region, ...rest } = grant;
  return { ...(anyAccount ? {} : { account }), ...(anyRegion ? {} : { region }), ...rest };
}

function describeAsked(grant: Access, { anyAccount, anyRegion }: Asked): string {
  const { account, region } = grant;
  const where = `(${anyAccount ? 'any account' : account}, ${anyRegion ? 'any region' : region})`;
  return describeGrant(grant).replace(`(${account}, ${region})`, where);
}

const RULE_ID = /^sgr-[0-9a-f]+$/;

async function readFrom(written: readonly string[], { region: regions = [] }: ExplainOptions, io: Io): Promise<Asked> {
  const ids = written.filter((one) => RULE_ID.test(one));
  const files = written.filter((one) => !RULE_ID.test(one));
  const grants: Access[] = [];
  if (ids.length > 0) {
    const [region, other] = regions;
    if (region === undefined) throw new CommandError(`which region is ${ids[0]} in? Say --region, or set AWS_REGION`);
    if (other !== undefined) throw new CommandError(`${ids[0]} is in one region, and --region names several`);
    grants.push(...(await lookUp(ids, region)));
  }
  if (files.length === 0) return { grants };
  const accountPaths = new Map<string, readonly string[]>();
  const onReport = (paths: AccountPaths): void => {
    for (const [account, path] of paths) accountPaths.set(account, path);
  };
  const events: SecurityGroupRulesEvent[] = [];
  const onRules = (event: SecurityGroupRulesEvent): void => void events.push(event);
  for await (const { where, grant, problem } of readGrants(files, io, onReport, onRules)) {
    if (problem !== undefined) throw new CommandError(`${where}: ${problem}`);
    grants.push(grant);
  }
  for (const [region, those] of Map.groupBy(events, (one) => one.region))
    grants.push(...(await lookUpOf(those, region, io)));
  if (grants.length === 0) throw new CommandError(`there is no grant in ${files.join(', ')}`);
  return { grants, accountPaths };
}

/** The SDK is loaded for this alone. */
async function lookUp(...of: Parameters<typeof grantsOfRules>): Promise<readonly Access[]> {
  const { grantsOfRules } = await import('./grants-of-rules.ts');
  return await grantsOfRules(...of);
}

/** What events point to. It can be long gone, and then the rest of their file is still worth an answer. */
async function lookUpOf(
  events: readonly SecurityGroupRulesEvent[],
  region: string,
  io: Io,
): Promise<readonly Access[]> {
  const ids = [...new Set(events.flatMap(({ securityGroupRuleIds }) => securityGroupRuleIds))];
  try {
    return await lookUp(ids, region, (why) => void io.stderr.write(`passed over: ${why}\n`));
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    io.stderr.write(`${describePointers(events.length)}${error.message}\n`);
    return [];
  }
}

interface Explanation {
  readonly grant: Access;
  readonly decision: Decision;
  /** Where in the allowlist the rule is that allows. */
  readonly line?: number;
  /** With a deny: it holds only if an entry of the prefix list lies outside of the nearest rule's `cidrs`, and not all are known. */
  readonly dependsOnEntries?: true;
  /** With a deny: it holds only if the account is not below an organizational unit of a rule, which is not known. Why. */
  readonly dependsOnUnits?: string;
  /** With a deny: the nearest of all rules, part by part. */
  readonly nearest?: readonly (Reason & { readonly line: number })[];
}

/** How many names of a cache are shown: a replication group can have hundreds of clusters. */
const MOST_NAMES = 10;
/** How many of the nearest rules are named. */
const MOST_NEAREST = 3;

function explain(grant: Access, { allowlist, compiled, locate }: LocatedAllowlist, at: Date): Explanation {
  const lineOf = (id: string | undefined): number =>
    locate(['rules', allowlist.rules.findIndex((rule) => rule.id === id)]).line;
  const decision = decide(grant, compiled, at);
  if (decision.effect === 'allow') return { grant, decision, line: lineOf(decision.rule) };
  // Unlike a decision, which must be quick, this looks at every rule there is.
  const nearest = reasonsAgainst(grant, compiled, at)
    .slice(0, MOST_NEAREST)
    .map((reason) => ({ ...reason, line: lineOf(reason.rule) }));
  const dependsOnUnits = whyUnitsUnknown(grant, compiled, at);
  return {
    grant,
    decision,
    ...(dependsOnEntries(grant, compiled, at) && { dependsOnEntries: true }),
    ...(dependsOnUnits !== undefined && { dependsOnUnits }),
    nearest,
  };
}

function toText(
  { grant, decision, line, dependsOnEntries: isUnknown, dependsOnUnits, nearest }: Explanation,
  { allowlist, file, of }: LocatedAllowlist & { readonly file: string; readonly of: Asked },
  paint: Paint,
): string {
  const lines = [describeAsked(grant, of)];
  if (decision.effect === 'allow') {
    const { reason } = allowlist.rules.find((rule) => rule.id === decision.rule) ?? {};
    lines.push(
      `${paint('green', 'allowed')} by rule \`${decision.rule}\` (${file}:${line})${reason ? `: ${oneLine(reason, 400)}` : ''}`,
    );
  } else if (isUnknown) {
    lines.push(
      `${paint('red', 'not known')}: a rule of ${file} allows it if every entry of the prefix list lies inside one of its cidrs. Name the entries with --entry`,
    );
  } else if (dependsOnUnits !== undefined) {
    lines.push(`${paint('red', 'not known')}: ${dependsOnUnits}. Name them with --account-path`);
  } else {
    lines.push(`${paint('red', 'denied')}: no rule of ${file} allows it`);
  }
  for (const { rule: id, line: at, misses } of nearest ?? []) {
    const rule = allowlist.rules.find((one) => one.id === id);
    lines.push('', `  nearest: rule \`${id}\` (${file}:${at})`, ...(rule ? tellParts(rule, grant, misses, paint) : []));
  }
  return `${lines.join('\n')}\n`;
}

/** Part by part, what the grant has and what the rule wants. */
function tellParts(rule: AllowlistRule, grant: Access, misses: readonly Part[], paint: Paint): string[] {
  const { account, region } = grant;
  const told: Told[] = [
    ...(isVpcRule(rule)
      ? grant.kind === 'vpc'
        ? tellVpcParts(rule, grant)
        : []
      : grant.kind === 'vpc'
        ? []
        : tellClassicParts(rule, grant)),
    ['account', `account ${quote(account)}`, accountsOf(rule)],
    ['region', `region ${quote(region)}`, rule.regions?.join(', ')],
    ['expires', 'day', rule.expires && `until ${rule.expires}`],
  ];
  return told.flatMap(([part, what, wanted]) => {
    // What a rule does not limit is not worth a line.
    if (wanted === undefined) return [];
    const sign = misses.includes(part) ? paint('red', '✗') : paint('green', '✓');
    return [`    ${sign} ${what}: ${printable(wanted, 200)}`];
  });
}

function accountsOf({ accounts = [], organizationalUnits = [] }: AllowlistRule): string | undefined {
  return [...accounts, ...organizationalUnits].join(', ') || undefined;
}

/** A part, what the grant has of it, and what the rule wants; without that if it wants nothing. */
type Told = readonly [Part, string, string | undefined];

function tellClassicParts(rule: ClassicAllowlistRule, { target, source }: ClassicGrant): Told[] {
  return [
    [
      'cacheSecurityGroup',
      `cache security group ${quote(target.cacheSecurityGroupName)}`,
      rule.cacheSecurityGroups.join(', '),
    ],
    ['ec2SecurityGroup', `EC2 security group ${quote(source.ec2SecurityGroupName)}`, rule.ec2SecurityGroups.join(', ')],
    ['ownerId', `owner id ${quote(source.ec2SecurityGroupOwnerId)}`, rule.ownerIds.join(', ')],
  ];
}

function describePrefixList({ prefixListId, entries, entryCount = entries?.length }: PrefixListSource): string {
  const held = entries === undefined ? '' : ` with ${entryCount === 1 ? '1 entry' : `${entryCount} entries`}`;
  return `prefix list ${quote(prefixListId)}${held}`;
}

function tellVpcParts(rule: VpcAllowlistRule, { target, source }: VpcAccess): Told[] {
  const listed = (values: readonly string[] = []): string => values.join(', ') || 'none';
  const who: Told[] =
    source.kind === 'internet'
      ? [['publicEndpoint', 'its public endpoint', rule.publicEndpoint ? 'allowed' : 'not allowed']]
      : source.kind === 'cidr'
        ? [['cidr', `CIDR ${quote(source.cidr)}`, listed(rule.cidrs)]]
        : source.kind === 'prefixList'
          ? [['prefixList', describePrefixList(source), `${listed(rule.prefixListIds)}; cidrs: ${listed(rule.cidrs)}`]]
          : [
              [
                'securityGroup',
                `security group ${quote(source.securityGroupId)}${source.securityGroupName === undefined ? '' : ` (${quote(source.securityGroupName)})`}`,
                listed([...(rule.securityGroupIds ?? []), ...(rule.securityGroupNames ?? [])]),
              ],
              ['ownerId', `owner id ${quote(source.securityGroupOwnerId)}`, listed(rule.ownerIds ?? ['self'])],
            ];
  return [
    ['cache', `cache ${namesOf(target).slice(0, MOST_NAMES).map(quote).join(', ')}`, rule.caches.join(', ')],
    ...who,
    ['ports', `ports ${target.ports.join(', ')}`, rule.ports?.join(', ')],
  ];
}
