import type { Command } from 'commander';
import { Document, isScalar, visit } from 'yaml';
import { parseAllowlistText } from '../allowlist/parse-allowlist-text.ts';
import type { Allowlist } from '../policy/allowlist.ts';
import { describeGrant, type Grant } from '../policy/grant.ts';
import { learnAllowlist, whyNoneAllows } from '../policy/learn-allowlist.ts';
import { count } from './check.ts';
import { CommandError, type Io } from './io.ts';
import { type Format, formatOption } from './options.ts';
import { readGrants } from './read-grants.ts';
import { listStandingGrants, NEVER_LEARNT } from './standing-grants.ts';

interface LearnOptions {
  readonly region?: string[];
  readonly wildcards: boolean;
  readonly format: Format;
}

/** `ingress-guard learn`: an allowlist that allows what there is, to begin with. */
export function learnCommand(program: Command, io: Io): void {
  const { AWS_REGION, AWS_DEFAULT_REGION } = io.environment;
  const region = AWS_REGION || AWS_DEFAULT_REGION;
  program
    .command('learn')
    .description('write the allowlist that allows exactly the grants there are')
    .argument(
      '[grants...]',
      "files with grants: an audit's report, decisions, events; - for standard input. Without: ask AWS",
    )
    .option('--region <name...>', 'the regions to ask (AWS_REGION)', region === undefined ? undefined : [region])
    .option('--wildcards', 'put one pattern in the place of three names that begin alike', false)
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
Without files it asks for the cache security groups, the caches, and the rules of the security groups that guard them.
The answer is YAML, or the same allowlist in JSON. Read it before you use it: it allows whoever has access now, rightly or not.

Example:
  $ ingress-guard learn --region us-east-1 eu-west-1 > allowlist.yaml`,
    )
    .action(async (files: string[], { region: regions, wildcards, format }: LearnOptions) => {
      const standing = files.length > 0 ? await readFrom(files, io) : await listFrom(regions, io);
      const grants = leaveOutUnallowable(standing, io);
      if (grants.length === 0)
        throw new CommandError('there are no grants to learn from, so there is nothing to allow');
      const allowlist = learnAllowlist(grants, { wildcards });
      const different = new Set(grants.map((grant) => JSON.stringify(grant))).size;
      const from = `# Learnt from ${count(different, 'grant')} by ingress-guard learn. Read it before you use it.\n`;
      const written = format === 'json' ? `${JSON.stringify(allowlist)}\n` : `${from}${toYaml(allowlist)}`;
      // What could not be used is better told now: there can be more grants than an allowlist has room for.
      parseAllowlistText(written, 'the learnt allowlist');
      io.stdout.write(written);
    });
}

/** With each list of names on one line, as people write it. */
function toYaml(allowlist: Allowlist): string {
  const document = new Document(allowlist);
  visit(document, {
    Seq: (_, list) => {
      list.flow = list.items.every(isScalar);
    },
  });
  return document.toString({ lineWidth: 120, flowCollectionPadding: false });
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
  if (regions === undefined) throw new CommandError('which region? Say --region, or set AWS_REGION');
  return await listStandingGrants(regions, io);
}

function sayWhy({ source }: Grant, why: string): string {
  return 'kind' in source && source.kind === 'internet' ? NEVER_LEARNT : `No rule can allow it: ${why}.`;
}

/** Those that a rule can allow. Of the others a person must hear, because they will be revoked. */
function leaveOutUnallowable(grants: readonly Grant[], io: Io): Grant[] {
  return grants.filter((grant) => {
    const why = whyNoneAllows(grant);
    if (why !== undefined) io.stderr.write(`left out: ${describeGrant(grant)}. ${sayWhy(grant, why)}\n`);
    return why === undefined;
  });
}
