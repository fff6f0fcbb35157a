import { type Command, Option } from 'commander';
import { Document, isMap, isScalar, visit } from 'yaml';
import { parseAllowlistText } from '../allowlist/parse-allowlist-text.ts';
import { type Allowlist, isVpcRule } from '../policy/allowlist.ts';
import { describeGrant, type Grant } from '../policy/grant.ts';
import { learnAllowlist, whyNoneAllows } from '../policy/learn-allowlist.ts';
import { isNearlyEverybody } from '../policy/vpc/everybody.ts';
import { isForEverybody } from '../report/grant-words.ts';
import { count } from './check.ts';
import { CommandError, type Io } from './io.ts';
import { type Format, formatOption, refuseNoRegions, regionNames } from './options.ts';
import { readGrants } from './read-grants.ts';
import { listStandingGrants, NEVER_LEARNT } from './standing-grants.ts';

interface LearnOptions {
  readonly region?: string[];
  readonly wildcards: boolean;
  readonly format: Format;
}

/** `ingress-guard learn`: an allowlist that allows the existing grants, to begin with. */
export function learnCommand(program: Command, io: Io): void {
  const { AWS_REGION, AWS_DEFAULT_REGION } = io.environment;
  const region = AWS_REGION || AWS_DEFAULT_REGION;
  program
    .command('learn')
    .description('write the allowlist that allows exactly the standing grants')
    .argument(
      '[grants...]',
      "files with grants: an audit's report, decisions, events; - for standard input. Without: ask AWS",
    )
    .addOption(
      new Option('--region <name...>', 'the regions to ask (AWS_REGION)')
        .argParser(regionNames())
        .default(region === undefined ? undefined : [region]),
    )
    .option('--wildcards', 'write one pattern for three or more names with the same beginning', false)
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
Without files it asks for the cache security groups, the caches, and the rules of the security groups that guard them.
The answer is YAML, or the same allowlist in JSON. Read it before you use it: it allows all that has access now, rightly or not.

Example:
  $ ingress-guard learn --region us-east-1 eu-west-1 > allowlist.yaml`,
    )
    .action(async (files: string[], { region: regions, wildcards, format }: LearnOptions, command: Command) => {
      // The allowlist would allow grants of other regions too.
      if (files.length > 0 && command.getOptionValueSource('region') === 'cli') {
        throw new CommandError('every grant in files is learnt, of any region: leave out --region, or the files');
      }
      const standing = files.length > 0 ? await readFrom(files, io) : await listFrom(regions, io);
      const grants = leaveOutUnallowable(standing, io);
      if (grants.length === 0)
        throw new CommandError('there are no grants to learn from, so there is nothing to allow');
      const allowlist = learnAllowlist(grants, { wildcards });
      const different = new Set(grants.map((grant) => JSON.stringify(grant))).size;
      const from = `# Learnt from ${count(different, 'grant')} by ingress-guard learn. Read it before you use it.\n`;
      warnOfEverybody(grants, io);
      const written =
        format === 'json' ? `${JSON.stringify(allowlist)}\n` : `${from}${toYaml(allowlist, listsForEverybody(grants))}`;
      // What could not be used is better reported now: there can be more grants than an allowlist has room for.
      parseAllowlistText(written, 'the learnt allowlist');
      io.stdout.write(written);
    });
}

/**
 * With each list of names on one line, as people write it, and with a mark above each rule that allows access from nearly everywhere:
 * a file that is learnt and not read must not hide that.
 */
function toYaml(allowlist: Allowlist, listsForEverybody: ReadonlySet<string>): string {
  const document = new Document(allowlist);
  for (const [index, rule] of allowlist.rules.entries()) {
    const wide = isVpcRule(rule)
      ? [
          ...(rule.cidrs ?? []).filter(isNearlyEverybody),
          ...(rule.prefixListIds ?? []).filter((id) => listsForEverybody.has(id)),
        ]
      : [];
    const node = document.getIn(['rules', index]);
    if (wide.length > 0 && isMap(node))
      node.commentBefore = ` ${EVERYBODY}: ${wide.join(', ')}. Remove it, unless that is meant.`;
  }
  visit(document, {
    Seq: (_, list) => {
      list.flow = list.items.every(isScalar);
    },
  });
  return document.toString({ lineWidth: 120, flowCollectionPadding: false });
}

/** The prefix lists with an entry for nearly everybody, as far as their entries are known. */
function listsForEverybody(grants: readonly Grant[]): ReadonlySet<string> {
  return new Set(
    grants
      .filter(isForEverybody)
      .flatMap(({ source }) => ('kind' in source && source.kind === 'prefixList' ? source.prefixListId : [])),
  );
}

async function readFrom(files: readonly string[], io: Io): Promise<Grant[]> {
  const grants: Grant[] = [];
  for await (const { where, grant, problem, ...decided } of readGrants(files, io)) {
    // An allowlist that misses a grant would have it revoked.
    if (grant === undefined) throw new CommandError(`${where}: ${problem}. Fix or remove it: nothing was learnt.`);
    const isGone = 'outcome' in decided && (decided.outcome === 'revoked' || decided.outcome === 'already-gone');
    const isGuess = 'outcome' in decided && decided.outcome === 'pending';
    if (isGuess) {
      io.stderr.write(
        `left out: ${describeGrant(grant)}. Its cache was being created, and the port is a guess: learn from AWS when it is available.\n`,
      );
    } else if (!isGone) grants.push(grant);
  }
  return grants;
}

async function listFrom(regions: readonly string[] | undefined, io: Io): Promise<Grant[]> {
  return await listStandingGrants(refuseNoRegions(regions), io);
}

function sayWhy({ source }: Grant, why: string): string {
  return 'kind' in source && source.kind === 'internet' ? NEVER_LEARNT : `No rule can allow it: ${why}.`;
}

const EVERYBODY = 'ALLOWS ACCESS FROM NEARLY EVERYWHERE';

function warnOfEverybody(grants: readonly Grant[], io: Io): void {
  for (const grant of grants.filter(isForEverybody)) {
    io.stderr.write(
      `allows access from nearly everywhere: ${describeGrant(grant)}. Remove it from what is learnt, unless that is meant.\n`,
    );
  }
}

/** Those that a rule can allow. Of the others a person must hear, because they will be revoked. */
function leaveOutUnallowable(grants: readonly Grant[], io: Io): Grant[] {
  return grants.filter((grant) => {
    const why = whyNoneAllows(grant);
    if (why !== undefined) io.stderr.write(`left out: ${describeGrant(grant)}. ${sayWhy(grant, why)}\n`);
    return why === undefined;
  });
}
