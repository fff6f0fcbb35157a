import type { Command } from 'commander';
import { markdownTable } from 'markdown-table';
import type { AccountPaths } from '../policy/account-paths.ts';
import type { CompiledAllowlist } from '../policy/compile-allowlist.ts';
import { decide, dependsOnEntries, whyUnitsUnknown } from '../policy/decide.ts';
import type { Decision } from '../policy/decision.ts';
import { describeGrant, type Grant } from '../policy/grant.ts';
import { printable } from '../policy/quote.ts';
import { ANYONE } from '../policy/vpc/source.ts';
import { codeSpan } from '../report/markdown-text.ts';
import { count } from './check.ts';
import { readAllowlist } from './inputs.ts';
import { CommandError, EXIT, type Io } from './io.ts';
import { atOption, formatOption } from './options.ts';
import { type Paint, painter } from './paint.ts';
import { readGrants } from './read-grants.ts';

interface WhatIfOptions {
  readonly grants: string[];
  readonly at: Date;
  readonly format: 'text' | 'json' | 'markdown';
}

/** `ingress-guard what-if`: what a change of the allowlist would do to grants that there are. */
export function whatIfCommand(program: Command, io: Io, exit: (code: number) => void): void {
  program
    .command('what-if')
    .description('show what a change of the allowlist would newly revoke and newly allow')
    .argument('<old>', 'the allowlist as it is')
    .argument('<new>', 'the allowlist as it would be')
    .requiredOption(
      '--grants <file...>',
      "the standing grants: an audit's report, decisions, recorded events; - for standard input",
    )
    .addOption(atOption())
    .addOption(formatOption('markdown'))
    .addHelpText(
      'after',
      `
Exit code: 0 nothing would newly be revoked, 2 something would, 1 grants could not be read, 3 an allowlist is not valid.

Example:
  $ git show main:allowlist.yaml > old.yaml
  $ ingress-guard what-if old.yaml allowlist.yaml --grants report.json --format markdown`,
    )
    .action(async (oldFile: string, newFile: string, { grants: files, at, format }: WhatIfOptions) => {
      const allowlists = [await readAllowlist(oldFile, io), await readAllowlist(newFile, io)];
      const collected = await collectGrants(files, io);
      const [before, after] = allowlists.map(({ compiled }) => compiled.withAccountPaths(collected.accountPaths)) as [
        CompiledAllowlist,
        CompiledAllowlist,
      ];
      const undecided = collected.grants.flatMap((grant) => {
        const why = whyUndecided(grant, before, at) ?? whyUndecided(grant, after, at);
        return why === undefined ? [] : [[grant, printable(`${describeGrant(grant)}: ${why}`, 400)] as const];
      });
      const left = new Map<Grant, string>(undecided);
      const unreadable = [...collected.unreadable, ...left.values()];
      const comparisons = collected.grants
        .filter((grant) => !left.has(grant))
        .map((grant) => ({ grant, before: decide(grant, before, at), after: decide(grant, after, at) }));
      const change = toChange(comparisons, unreadable);
      if (format === 'json') io.stdout.write(`${JSON.stringify(change)}\n`);
      else io.stdout.write(format === 'markdown' ? toMarkdown(change) : toText(change, painter(io)));
      if (unreadable.length > 0) exit(EXIT.failed);
      else if (change.newlyRevoked.length > 0) exit(EXIT.disallowed);
    });
}

const LACKS_ENTRIES =
  'an allowlist allows it only by the entries of its prefix list, and the file does not hold all of them. An audit with that allowlist reads them';

/** What keeps an allowlist from deciding on a grant, and what to do. */
function whyUndecided(grant: Grant, allowlist: CompiledAllowlist, at: Date): string | undefined {
  if (dependsOnEntries(grant, allowlist, at)) return LACKS_ENTRIES;
  const unknownUnits = whyUnitsUnknown(grant, allowlist, at);
  return unknownUnits && `${unknownUnits}. The report of an audit of the organization has them`;
}

/** A grant with what the two allowlists decide of it. */
interface Comparison {
  readonly grant: Grant;
  readonly before: Decision;
  readonly after: Decision;
}

interface Change {
  readonly newlyRevoked: readonly Comparison[];
  readonly newlyAllowed: readonly Comparison[];
  readonly stillAllowed: number;
  readonly stillDenied: number;
  readonly unreadable: readonly string[];
}

function toChange(comparisons: readonly Comparison[], unreadable: readonly string[]): Change {
  const those = (before: Decision['effect'], after: Decision['effect']): Comparison[] =>
    comparisons.filter((one) => one.before.effect === before && one.after.effect === after);
  return {
    newlyRevoked: those('allow', 'deny'),
    newlyAllowed: those('deny', 'allow'),
    stillAllowed: those('allow', 'allow').length,
    stillDenied: those('deny', 'deny').length,
    unreadable,
  };
}

/** Each grant once, however often it was recorded. */
async function collectGrants(
  files: readonly string[],
  io: Io,
): Promise<{ grants: Grant[]; unreadable: string[]; accountPaths: AccountPaths }> {
  const accountPaths = new Map<string, readonly string[]>();
  const grants = new Map<string, Grant>();
  const unreadable: string[] = [];
  let reports = 0;
  const onReport = (paths: AccountPaths): void => {
    reports++;
    for (const [account, path] of paths) accountPaths.set(account, path);
  };
  for await (const { where, grant, problem } of readGrants(files, io, onReport)) {
    if (grant !== undefined) grants.set(JSON.stringify(grant), grant);
    else unreadable.push(printable(`${where}: ${problem}`, 400));
  }
  // An empty file is not the same as an audit that found none.
  if (grants.size === 0 && unreadable.length === 0 && reports === 0)
    throw new CommandError(`there is no grant in ${files.join(', ')}`);
  return { grants: [...grants.values()], unreadable, accountPaths };
}

function toText(change: Change, paint: Paint): string {
  const { newlyRevoked, newlyAllowed, stillAllowed, stillDenied, unreadable } = change;
  const lines = [
    ...newlyRevoked.flatMap((one) => [
      `${paint('red', 'newly revoked')}  ${describeGrant(one.grant)}`,
      `    ${why(one.after)}`,
    ]),
    ...newlyAllowed.flatMap((one) => [
      `${paint('green', 'newly allowed')}  ${describeGrant(one.grant)}`,
      `    ${why(one.after)}`,
    ]),
    ...unreadable.map((problem) => `${paint('red', 'not evaluated')}  ${problem}`),
    `${newlyRevoked.length} newly revoked, ${newlyAllowed.length} newly allowed, ${stillAllowed} still allowed, ${stillDenied} still denied`,
  ];
  return `${lines.join('\n')}\n`;
}

/** For a pull request. Names are a caller's, so every one is a code span. */
function toMarkdown(change: Change): string {
  const { newlyRevoked, newlyAllowed, stillAllowed, stillDenied, unreadable } = change;
  const section = (title: string, rows: readonly Comparison[], column: string): string[] =>
    rows.length === 0
      ? []
      : [
          `#### ${title}`,
          '',
          markdownTable([
            ['what is reached', 'by whom', 'owner', 'account', 'region', column],
            ...rows.map(({ grant, before, after }) => [
              ...toCells(grant),
              code(grant.account),
              code(grant.region),
              after.effect === 'allow' ? code(after.rule) : before.effect === 'allow' ? code(before.rule) : '',
            ]),
          ]),
          '',
        ];
  return [
    '### What this allowlist would change',
    '',
    newlyRevoked.length > 0
      ? `**${count(newlyRevoked.length, 'grant')} would newly be revoked**, ${newlyAllowed.length} newly allowed; ${stillAllowed} stay allowed, ${stillDenied} stay denied.`
      : `Nothing would newly be revoked; ${newlyAllowed.length} newly allowed, ${stillAllowed} stay allowed, ${stillDenied} stay denied.`,
    '',
    ...section('Newly revoked', newlyRevoked, 'allowed until now by'),
    ...section('Newly allowed', newlyAllowed, 'allowed by'),
    ...(unreadable.length > 0
      ? ['#### Not evaluated', '', ...unreadable.map((problem) => `- ${code(problem)}`), '']
      : []),
  ].join('\n');
}

/** What is reached, by whom and by which rule, and who owns that: a range of addresses and a prefix list have no owner. */
function toCells(grant: Grant): string[] {
  if (grant.kind !== 'vpc') {
    const { target, source } = grant;
    return [target.cacheSecurityGroupName, source.ec2SecurityGroupName, source.ec2SecurityGroupOwnerId].map(code);
  }
  const { target, source } = grant;
  const reached = code(`${target.cacheName}:${target.ports.join(',')}`);
  if (source.kind === 'internet') return [reached, ANYONE, ''];
  // Two rules that allow access from the same source are two grants.
  const by = `by ${code(target.securityGroupRuleId ?? '')}`;
  if (source.kind === 'cidr') return [reached, `${code(source.cidr)} ${by}`, ''];
  if (source.kind === 'prefixList') return [reached, `${code(source.prefixListId)} ${by}`, ''];
  return [reached, `${code(source.securityGroupId)} ${by}`, code(source.securityGroupOwnerId ?? 'unknown')];
}

function code(text: string): string {
  return codeSpan(printable(text, 255));
}

function why(decision: Decision): string {
  return decision.effect === 'allow' ? `rule \`${decision.rule}\`` : (decision.reasons[0]?.text ?? '');
}
