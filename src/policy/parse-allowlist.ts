import * as z from 'zod/mini';
import type { Allowlist, AllowlistRule } from './allowlist.ts';
import { expected, UNQUOTED, unknownKeysOr, was } from './allowlist-fields.ts';
import { checkShape, TOO_MANY_PROBLEMS } from './check-shape.ts';
import { classicAllowlistRule } from './classic/allowlist-rule.ts';
import { quote } from './quote.ts';
import { SOURCE_KEYS, vpcAllowlistRule } from './vpc/allowlist-rule.ts';

/** What is wrong with an allowlist, and at which keys: `['rules', 0, 'ownerIds', 1]`. */
export interface AllowlistProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** Set where a text was meant and a number or the like is there: what it was meant to be. */
  readonly unquoted?: string;
  /** Set where a key is there that no one knows: the last of `path`, and those that are known there. */
  readonly unknownKey?: string;
  readonly knownKeys?: readonly string[];
}

const rulesAreList = { error: expected('a list of rules') };
const documentShape = <Rules extends z.ZodMiniType>(rules: Rules) =>
  z.strictObject(
    {
      version: z.literal(1, { error: (issue) => `must be 1, the only version there is${was(issue.input)}` }),
      rules,
    },
    { error: unknownKeysOr('an allowlist: a mapping with version and rules') },
  );

/** The document around its rules: these are checked one by one, each as what it is. */
const documentSchema = documentShape(z.array(z.unknown(), rulesAreList));

/** The shape of the allowlist. The JSON Schema that editors use is made from it. */
export const allowlistSchema = documentShape(z.array(z.union([classicAllowlistRule, vpcAllowlistRule]), rulesAreList));

/** About as many as zod reports of one rule. No one reads them, and they take memory. */
const MOST_PROBLEMS = 100_000;

/**
 * Checks a document, as it came out of YAML or JSON, against the shape of an allowlist.
 *
 * @returns the allowlist, or every problem it has. Never throws, whatever the document is.
 */
export function parseAllowlist(
  document: unknown,
):
  | { readonly allowlist: Allowlist; readonly problems?: never }
  | { readonly allowlist?: never; readonly problems: readonly AllowlistProblem[] } {
  const problems = problemsOf(documentSchema, document, []);
  const rules = isMapping(document) && Array.isArray(document.rules) ? (document.rules as readonly unknown[]) : [];
  for (const [index, rule] of rules.entries()) {
    for (const problem of findRuleProblems(rule, ['rules', index])) problems.push(problem);
    if (problems.length > MOST_PROBLEMS) return { problems: [{ path: [], message: TOO_MANY_PROBLEMS }] };
  }
  if (problems.length > 0) return { problems };
  const repeated = findDuplicateIds(rules as readonly AllowlistRule[]);
  return repeated.length > 0 ? { problems: repeated } : { allowlist: document as Allowlist };
}

function findRuleProblems(rule: unknown, path: AllowlistProblem['path']): AllowlistProblem[] {
  const isVpc =
    isMapping(rule) && VPC_ONLY.some((key) => key in rule) && !(!('caches' in rule) && 'cacheSecurityGroups' in rule);
  const problems = problemsOf(isVpc ? vpcAllowlistRule : classicAllowlistRule, rule, path);
  if (isVpc && problems.length === 0 && !('publicEndpoint' in rule) && SOURCE_KEYS.every((key) => !(key in rule))) {
    problems.push({ path, message: `names no source: add ${SOURCE_KEYS.join(', ')}, or any of these` });
  }
  return problems.map((problem) => (problem.unknownKey === undefined ? problem : explainOtherKind(problem, isVpc)));
}

const onlyIn = (one: Shape, other: Shape): string[] => Object.keys(one.shape).filter((key) => !(key in other.shape));
const VPC_ONLY = onlyIn(vpcAllowlistRule, classicAllowlistRule);
const CLASSIC_ONLY = onlyIn(classicAllowlistRule, vpcAllowlistRule);

/** A key that rules of the other kind have is no typing error. */
function explainOtherKind(problem: AllowlistProblem, isVpc: boolean): AllowlistProblem {
  const { path, unknownKey = '' } = problem;
  if (!(isVpc ? CLASSIC_ONLY : VPC_ONLY).includes(unknownKey)) return problem;
  const here = isVpc ? 'caches' : 'cacheSecurityGroups';
  const there = isVpc ? 'cacheSecurityGroups' : 'caches';
  const why = unknownKey === there ? 'a rule says where by one of the two' : `it goes with \`${there}\``;
  return { path, message: `does not go with \`${here}\`: ${why}` };
}

function findDuplicateIds(rules: readonly AllowlistRule[]): AllowlistProblem[] {
  const firstWith = new Map<string, number>();
  return rules.flatMap((rule, index) => {
    const first = firstWith.get(rule.id);
    if (first === undefined) {
      firstWith.set(rule.id, index);
      return [];
    }
    return [{ path: ['rules', index, 'id'], message: `${quote(rule.id)} is the id of rules[${first}] already` }];
  });
}

/** The problems of what stands at a path of the document. */
function problemsOf(schema: Shape, value: unknown, within: AllowlistProblem['path']): AllowlistProblem[] {
  const checked = checkShape(schema, value);
  if (checked === undefined) return [{ path: within, message: TOO_MANY_PROBLEMS }];
  return checked.success
    ? []
    : checked.error.issues.flatMap((issue) => toProblems(issue, within, Object.keys(schema.shape)));
}

type Shape = z.core.$ZodType & { readonly shape: object };

function toProblems(
  issue: z.core.$ZodIssue,
  within: AllowlistProblem['path'],
  knownKeys: readonly string[],
): AllowlistProblem[] {
  const path = [...within, ...issue.path.map((key) => (typeof key === 'symbol' ? key.toString() : key))];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: `unknown key ${quote(key)}`,
      unknownKey: key,
      knownKeys,
    }));
  }
  // Zod's issues hold no more than a message, so what kind of text was meant is found by the key again.
  const unquoted = UNQUOTED.find((what) => issue.message.startsWith(`${what} \``));
  return [{ path, message: issue.message, ...(unquoted !== undefined && { unquoted }) }];
}

/** The keys that there are: of the document, and of each kind of rule. */
export const KNOWN_KEYS = {
  document: Object.keys(allowlistSchema.shape),
  classicRule: Object.keys(classicAllowlistRule.shape),
  vpcRule: Object.keys(vpcAllowlistRule.shape),
};

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
