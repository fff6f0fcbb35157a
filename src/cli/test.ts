import type { Command } from 'commander';
import * as z from 'zod';
import {
  AllowlistError,
  type LocatedAllowlist,
  type LocatedProblem,
  type Position,
} from '../allowlist/loaded-allowlist.ts';
import { endOf } from '../allowlist/parse-allowlist-text.ts';
import { readYaml } from '../allowlist/read-yaml.ts';
import { readAccountPath } from '../policy/account-paths.ts';
import { decide, dependsOnEntries, whyUnitsUnknown } from '../policy/decide.ts';
import { describeIssue } from '../policy/describe-issue.ts';
import type { Access } from '../policy/grant.ts';
import { printable, quote } from '../policy/quote.ts';
import { readAskedGrant } from './asked-grant.ts';
import { count } from './check.ts';
import { CI_FORMATS, type CiFormat, formatForCi, formatUnreadable, isCiFormat, readAt } from './ci/format.ts';
import { asResults, type Suite } from './ci/results.ts';
import { readAllowlist, readText } from './inputs.ts';
import { CommandError, EXIT, type Io } from './io.ts';
import { oneLine } from './one-line.ts';
import { allowlistOption, type Format, formatOption, NO_ACCOUNT_PATH, readInstant } from './options.ts';
import { type Paint, painter } from './paint.ts';

const text = z.string();
/** Which of the keys go together, `readAskedGrant` knows. */
const grantSchema = z.strictObject({
  account: text,
  region: text,
  accountPath: text.refine((path) => readAccountPath(path) !== undefined, NO_ACCOUNT_PATH).optional(),
  cacheSecurityGroupName: text.optional(),
  ec2SecurityGroupName: text.optional(),
  ec2SecurityGroupOwnerId: text.optional(),
  cacheName: text.optional(),
  clusterNames: z.array(text).optional(),
  ports: z.array(z.number()).optional(),
  cidr: text.optional(),
  prefixListId: text.optional(),
  entries: z.array(text).optional(),
  securityGroupId: text.optional(),
  securityGroupName: text.optional(),
  securityGroupOwnerId: text.optional(),
  publicEndpoint: z.literal(true).optional(),
});
const caseSchema = z
  .strictObject({
    name: text,
    grant: grantSchema,
    expect: z.enum(['allow', 'deny']),
    rule: text.optional(),
    at: text.refine((at) => readInstant(at) !== undefined, 'is neither a day nor an instant in UTC').optional(),
  })
  .refine((one) => one.expect === 'allow' || one.rule === undefined, {
    path: ['rule'],
    error: 'only an `allow` has a rule: no single one denies',
  });
const casesSchema = z.strictObject({ cases: z.array(caseSchema).min(1) });

/** A case as it was read, with where it begins. */
type Case = z.infer<typeof caseSchema> & { readonly read: Access; readonly place: Position };

interface TestOptions {
  readonly allowlist: string;
  readonly coverage: boolean;
  readonly format: Format | CiFormat;
}

/** `ingress-guard test`: does the allowlist decide as these cases say? */
export function testCommand(program: Command, io: Io, exit: (code: number) => void): void {
  program
    .command('test')
    .description('test an allowlist with cases: grants, and what to expect for each')
    .argument('<cases...>', 'files of cases, YAML or JSON; - for standard input')
    .option('--coverage', 'also list the rules that no case reaches', false)
    .addOption(allowlistOption(io))
    .addOption(formatOption(...CI_FORMATS))
    .addHelpText(
      'after',
      `
Formats of build servers: github (annotations of a workflow), junit (XML of tests), sarif (code scanning).
Exit code: 0 all cases hold, 1 one does not or could not be read, 3 allowlist not valid.

A file of cases:
  cases:
    - name: the shop's web servers reach its sessions
      grant: { account: "123456789012", region: us-east-1, cacheName: sessions, ports: [6379],
        cidr: 10.0.3.0/24 }        # or prefixListId, and its entries; securityGroupId and
                                   # securityGroupOwnerId; publicEndpoint: true;
                                   # accountPath for rules with organizationalUnits
      expect: allow                # or deny
      rule: web-to-sessions        # optional: the rule that allows
      at: 2027-01-31               # optional: when
    - name: a stranger's do not, through a cache security group
      grant: { account: "123456789012", region: us-east-1, cacheSecurityGroupName: sessions,
        ec2SecurityGroupName: web, ec2SecurityGroupOwnerId: "999988887777" }
      expect: deny

Example:
  $ ingress-guard test allowlist.cases.yaml --coverage`,
    )
    .action(async (files: string[], options: TestOptions) => {
      const { format } = options;
      if (isCiFormat(format)) {
        const { suites, summary, exitCode } = await testForCi(files, options, io).catch(async (error) => {
          const unreadable = error instanceof CasesError ? error.file : options.allowlist;
          io.stdout.write(await formatUnreadable(format, unreadable, error));
          throw error;
        });
        io.stdout.write(await formatForCi(format, suites, summary));
        exit(exitCode);
        return;
      }
      const tested = await runCases(files, options, io);
      io.stdout.write(format === 'json' ? toJson(tested) : toText(tested, painter(io)));
      if (tested.results.some(hasFailed)) exit(EXIT.failed);
    });
}

/** What the cases came to. */
interface Tested {
  readonly results: readonly CaseResult[];
  /** The allowlist rules that no case reaches. `undefined` if no one asked. */
  readonly unreached: readonly UnreachedRule[] | undefined;
}

interface UnreachedRule {
  readonly id: string;
  readonly at: Position;
}

interface CaseResult {
  readonly file: string;
  readonly place: Position;
  readonly name: string;
  /** The rule that allowed, if one did. */
  readonly rule: string | undefined;
  /** How the decision differs from what was expected. */
  readonly failure: string | undefined;
}

function hasFailed({ failure }: CaseResult): boolean {
  return failure !== undefined;
}

async function runCases(files: readonly string[], options: TestOptions, io: Io): Promise<Tested> {
  const allowlist = await readAllowlist(options.allowlist, io);
  const results: CaseResult[] = [];
  for (const file of files) {
    const cases = readCases(await readCasesText(file, io), file);
    results.push(...cases.map((one) => runCase(one, file, allowlist)));
  }
  if (!options.coverage) return { results, unreached: undefined };
  const reached = new Set(results.map(({ rule }) => rule));
  const unreached = allowlist.allowlist.rules.flatMap(({ id }, index) =>
    reached.has(id) ? [] : [{ id, at: allowlist.locate(['rules', index]) }],
  );
  return { results, unreached };
}

/** The same for a build server, which also gets at its place what keeps the cases from being run. */
async function testForCi(
  files: readonly string[],
  options: TestOptions,
  io: Io,
): Promise<{ readonly suites: readonly Suite[]; readonly summary: string; readonly exitCode: number }> {
  try {
    const tested = await runCases(files, options, io);
    const exitCode = tested.results.some(hasFailed) ? EXIT.failed : EXIT.done;
    return { suites: toSuites(files, tested, options.allowlist), summary: summarize(tested.results), exitCode };
  } catch (error) {
    if (error instanceof CasesError && error.problems.length > 0) {
      const suite = { ...readAt(error.file), results: asResults('case-unreadable', error.problems) };
      return { suites: [suite], summary: 'No case was run: not all could be read', exitCode: EXIT.failed };
    }
    if (error instanceof AllowlistError && error.problems.length > 0) {
      const suite = { ...readAt(options.allowlist), results: asResults('allowlist-invalid', error.problems) };
      return {
        suites: [suite],
        summary: 'No case was run: the allowlist is not valid',
        exitCode: EXIT.allowlistInvalid,
      };
    }
    throw error;
  }
}

function toSuites(files: readonly string[], { results, unreached = [] }: Tested, allowlist: string): Suite[] {
  const ofCases = [...new Set(files)].map((file) => ({
    ...readAt(file),
    results: results
      .filter((result) => result.file === file)
      .map(({ name, place, failure }) => ({
        name,
        at: place,
        ...(failure !== undefined && {
          wrong: { kind: 'case-failed' as const, message: `${oneLine(name, 200)}: ${failure}` },
        }),
      })),
  }));
  if (unreached.length === 0) return ofCases;
  const problems = unreached.map(({ id, at }) => ({ ...at, message: `no case reaches rule ${quote(id)}` }));
  return [...ofCases, { ...readAt(allowlist), results: asResults('rule-unreached', problems) }];
}

function runCase(one: Case, file: string, { compiled }: LocatedAllowlist): CaseResult {
  const at = (one.at === undefined ? undefined : readInstant(one.at)) ?? new Date();
  const path = readAccountPath(one.grant.accountPath ?? '');
  const allowlist = compiled.withAccountPaths(new Map(path && [[one.read.account, path]]));
  const decision = decide(one.read, allowlist, at);
  const rule = decision.effect === 'allow' ? decision.rule : undefined;
  const unknownUnits = whyUnitsUnknown(one.read, allowlist, at);
  const failure = dependsOnEntries(one.read, allowlist, at)
    ? NEEDS_ENTRIES
    : unknownUnits === undefined
      ? findFailure(one, decision)
      : `cannot be decided: ${unknownUnits}. Add them to the grant: \`accountPath: o-ab12cd34ef/r-ab12/ou-ab12-0123abcd/\``;
  return { file, place: one.place, name: one.name, rule, failure };
}

const NEEDS_ENTRIES =
  'cannot be decided: the entries of the prefix list decide. Add them to the grant: `entries: [10.0.0.0/24]`';

function findFailure(one: Case, decision: ReturnType<typeof decide>): string | undefined {
  if (decision.effect === 'deny') {
    return one.expect === 'deny' ? undefined : `should be allowed, and is denied: ${decision.reasons[0]?.text}`;
  }
  if (one.expect === 'deny') return `should be denied, and rule \`${decision.rule}\` allows it`;
  if (one.rule === undefined || one.rule === decision.rule) return undefined;
  return `should be allowed by rule \`${one.rule}\`, and is by rule \`${decision.rule}\``;
}

/** How many problems of a file are reported. */
const MOST_PROBLEMS = 100;

/** A file of cases is not one. Without problems in it, it cannot be read at all. */
class CasesError extends CommandError {
  override name = 'CasesError';
  readonly file: string;
  readonly problems: readonly LocatedProblem[];

  constructor(file: string, problems: readonly LocatedProblem[], unreadable?: Error) {
    const lines = problems.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`);
    super(unreadable?.message ?? lines.join('\n'), { cause: unreadable });
    this.file = file;
    this.problems = problems;
  }
}

async function readCasesText(file: string, io: Io): Promise<string> {
  const { text, isValid, encoding } = await readText(file, io).catch((error) => {
    throw new CasesError(file, [], error);
  });
  if (isValid) return text;
  const message = `the next character is not valid ${encoding.toUpperCase()}: save the cases in UTF-8`;
  throw new CasesError(file, [{ ...endOf(text), message }]);
}

function readCases(written: string, file: string): Case[] {
  const yaml = readYaml(written);
  const { problems, value, locate } = yaml;
  const [syntax] = problems;
  if (syntax !== undefined) throw new CasesError(file, [syntax]);
  const parsed = casesSchema.safeParse(value);
  if (!parsed.success) {
    const told = parsed.error.issues.slice(0, MOST_PROBLEMS);
    const located = told.flatMap((issue) => describe(issue, value, yaml));
    throw new CasesError(
      file,
      located.map((problem) => ({ ...problem, message: printable(problem.message, 300) })),
    );
  }
  return parsed.data.cases.map((one, index) => {
    const { grant, problems: wrong } = readAskedGrant(one.grant);
    if (grant !== undefined) return { ...one, read: grant, place: locate(['cases', index]) };
    throw new CasesError(file, [{ ...locate(['cases', index, 'grant']), message: wrong.join('; ') }]);
  });
}

/** The keys that there are, by where they are. */
const KNOWN_KEYS = {
  document: Object.keys(casesSchema.shape),
  case: Object.keys(caseSchema.shape),
  grant: Object.keys(grantSchema.shape),
};

function describe(issue: z.core.$ZodIssue, value: unknown, yaml: ReturnType<typeof readYaml>): LocatedProblem[] {
  const path = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key));
  if (issue.code === 'unrecognized_keys') {
    const knownKeys =
      path.length === 0 ? KNOWN_KEYS.document : path.at(-1) === 'grant' ? KNOWN_KEYS.grant : KNOWN_KEYS.case;
    return issue.keys.map((key) =>
      yaml.describe({ path: [...path, key], message: `unknown key ${quote(key)}`, unknownKey: key, knownKeys }),
    );
  }
  const message = describeIssue(issue, value);
  const isUnquoted = issue.code === 'invalid_type' && issue.expected === 'string' && /it is [\d.]+$/.test(message);
  return [yaml.describe({ path, message: isUnquoted ? `${message}, a number: put it in quotes` : message })];
}

function toJson({ results, unreached }: Tested): string {
  const lines = results.map(({ file, place: { line, column }, name, rule, failure }) =>
    JSON.stringify({ file, line, column, name, rule, passed: failure === undefined, failure }),
  );
  if (unreached !== undefined) lines.push(JSON.stringify({ unreachedRules: unreached.map(({ id }) => id) }));
  return `${lines.join('\n')}\n`;
}

function toText({ results, unreached }: Tested, paint: Paint): string {
  const lines = results.flatMap(({ file, place: { line, column }, name: written, failure }) => {
    const name = oneLine(written, 200);
    return failure === undefined
      ? `${paint('green', '✓')} ${name}`
      : [`${paint('red', '✗')} ${name}`, `    ${file}:${line}:${column}: ${oneLine(failure, 400)}`];
  });
  lines.push('', summarize(results));
  if (unreached?.length === 0) lines.push('every rule is reached by a case');
  else if (unreached !== undefined) {
    const ids = unreached.map(({ id }) => id);
    lines.push(`${count(ids.length, 'rule')} that no case reaches: ${ids.join(', ')}`);
  }
  return `${lines.join('\n')}\n`;
}

function summarize(results: readonly CaseResult[]): string {
  const failed = results.filter(hasFailed).length;
  return `${results.length - failed} passed, ${failed} failed`;
}
