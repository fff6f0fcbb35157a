import * as z from 'zod/mini';
import type { Allowlist, Rule } from './allowlist.ts';
import { checkShape, TOO_MANY_PROBLEMS } from './check-shape.ts';
import { describeMisspeltCidr } from './cidr.ts';
import { normalizeOwnerId, quote } from './grant.ts';
import { parseNamePattern } from './name-pattern.ts';
import { isPort, isPrefixListId, isSecurityGroupId } from './vpc-names.ts';

/** What is wrong with an allowlist, and at which keys: `['rules', 0, 'ownerIds', 1]`. */
export interface AllowlistProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** Set where a text was meant and a number or the like is there: what it was meant to be. */
  readonly unquoted?: string;
  /** Set where a key is there that nobody knows: the last of `path`, and those that are known there. */
  readonly unknownKey?: string;
  readonly knownKeys?: readonly string[];
}

/** Longer than any name that ElastiCache or EC2 accepts (255), with room for escapes. */
const LONGEST_PATTERN = 512;

const namePattern = z.string({ error: mustBeText('name') }).check(
  z.minLength(1, 'is empty: name a security group, or use `*` for any'),
  z.maxLength(LONGEST_PATTERN, `is longer than ${LONGEST_PATTERN} characters`),
  z.superRefine((pattern, context) => {
    try {
      parseNamePattern(pattern);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as SyntaxError).message });
    }
  }),
);

const accountId = z.string({ error: mustBeText('account id') }).check(
  z.refine((id) => normalizeOwnerId(id) !== undefined, {
    error: (issue) => `${quote(issue.input)} is not 12 digits`,
  }),
);

const ownerId = z.string({ error: mustBeText('owner id') }).check(
  z.refine((id) => id === 'self' || id === '*' || normalizeOwnerId(id) !== undefined, {
    error: (issue) => `${quote(issue.input)} is neither 12 digits, nor \`self\`, nor \`*\``,
  }),
);

const regionName = z
  .string({ error: expected('the name of a region, such as us-east-1') })
  .check(z.regex(/^[a-z0-9-]{1,64}$/, { error: (issue) => `${quote(issue.input)} is not the name of a region` }));

const day = z
  .string({ error: expected('a day, such as 2027-01-31') })
  .check(
    z.refine((text) => isDay(text), { error: (issue) => `${quote(issue.input)} is not a day, such as 2027-01-31` }),
  );

function idLike(what: string, isId: (text: string) => boolean, example: string) {
  return z
    .string({ error: expected(`the id of a ${what}, such as ${example}`) })
    .check(
      z.refine(isId, { error: (issue) => `${quote(issue.input)} is not the id of a ${what}, such as ${example}` }),
    );
}

function listOf<Item extends z.ZodMiniType>(item: Item, what: string) {
  return z
    .array(item, { error: expected(`a list of ${what}`) })
    .check(z.minLength(1, `is empty: name at least one of the ${what}, or remove it`));
}

const securityGroupId = idLike('security group', isSecurityGroupId, 'sg-0123456789abcdef0');
const prefixListId = idLike('prefix list', isPrefixListId, 'pl-0123456789abcdef0');

const cidr = z.string({ error: expected('a range of addresses, such as 10.0.0.0/16') }).check(
  z.superRefine((written, context) => {
    const message = describeMisspeltCidr(written);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  }),
);

const port = z
  .number({ error: expected('the number of a port, such as 6379') })
  .check(z.refine(isPort, { error: (issue) => `${String(issue.input)} is not a port: a number from 1 to 65535` }));

/** What a rule may say whatever it is about. */
const ofAnyRule = {
  accounts: z.optional(listOf(accountId, 'account ids')),
  regions: z.optional(listOf(regionName, 'regions')),
  expires: z.optional(day),
  reason: z.optional(
    z.string({ error: expected('a text') }).check(z.maxLength(1024, 'is longer than 1024 characters')),
  ),
};

const ruleId = z.string({ error: expected('a name for the rule') }).check(
  z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, {
    error: (issue) => `${quote(issue.input)} is not up to 128 letters, digits, dots, hyphens and underscores`,
  }),
);

const classicRule = z.strictObject(
  {
    id: ruleId,
    cacheSecurityGroups: listOf(namePattern, 'cache security groups'),
    ec2SecurityGroups: listOf(namePattern, 'EC2 security groups'),
    ownerIds: listOf(ownerId, 'owner ids'),
    ...ofAnyRule,
  },
  { error: unknownKeysOr('a rule: a mapping with id, cacheSecurityGroups, ec2SecurityGroups and ownerIds') },
);

const vpcRule = z.strictObject({
  id: ruleId,
  caches: listOf(namePattern, 'caches'),
  securityGroupIds: z.optional(listOf(securityGroupId, 'ids of security groups')),
  ownerIds: z.optional(listOf(ownerId, 'owner ids')),
  cidrs: z.optional(listOf(cidr, 'ranges of addresses')),
  prefixListIds: z.optional(listOf(prefixListId, 'ids of prefix lists')),
  ports: z.optional(listOf(port, 'ports')),
  ...ofAnyRule,
});

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
export const allowlistSchema = documentShape(z.array(z.union([classicRule, vpcRule]), rulesAreList));

/** About as many as zod tells of one rule. Nobody reads them, and they take memory. */
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
  const repeated = findDuplicateIds(rules as readonly Rule[]);
  return repeated.length > 0 ? { problems: repeated } : { allowlist: document as Allowlist };
}

function findRuleProblems(rule: unknown, path: AllowlistProblem['path']): AllowlistProblem[] {
  const isVpc =
    isMapping(rule) && VPC_ONLY.some((key) => key in rule) && !(!('caches' in rule) && 'cacheSecurityGroups' in rule);
  const problems = problemsOf(isVpc ? vpcRule : classicRule, rule, path);
  if (isVpc && problems.length === 0 && SOURCES.every((key) => !(key in rule))) {
    problems.push({ path, message: `lets nobody in: add ${SOURCES.join(', ')}, or any of these` });
  }
  return problems.map((problem) => (problem.unknownKey === undefined ? problem : explainOtherKind(problem, isVpc)));
}

/** The keys by which a rule about caches says who may reach them. */
const SOURCES = ['securityGroupIds', 'cidrs', 'prefixListIds'] as const;

const onlyIn = (one: Shape, other: Shape): string[] => Object.keys(one.shape).filter((key) => !(key in other.shape));
const VPC_ONLY = onlyIn(vpcRule, classicRule);
const CLASSIC_ONLY = onlyIn(classicRule, vpcRule);

/** A key that rules of the other kind have is no typing error. */
function explainOtherKind(problem: AllowlistProblem, isVpc: boolean): AllowlistProblem {
  const { path, unknownKey = '' } = problem;
  if (!(isVpc ? CLASSIC_ONLY : VPC_ONLY).includes(unknownKey)) return problem;
  const here = isVpc ? 'caches' : 'cacheSecurityGroups';
  const there = isVpc ? 'cacheSecurityGroups' : 'caches';
  const why = unknownKey === there ? 'a rule says where by one of the two' : `it goes with \`${there}\``;
  return { path, message: `does not go with \`${here}\`: ${why}` };
}

function isDay(text: string): boolean {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00.000Z`);
  // Date.parse takes 2027-02-30 for the 2nd of March.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function findDuplicateIds(rules: readonly Rule[]): AllowlistProblem[] {
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

const UNQUOTED = ['name', 'account id', 'owner id'] as const;

/** "owner id `012345678901` is a number here and has lost its leading zero: put it in quotes" */
export function describeUnquoted(what: string, value: unknown, source: string): string {
  const lost = typeof value === 'number' && /^0[0-9]/.test(source) ? ' and has lost its leading zero' : '';
  return `${what} ${quote(source)} is a ${typeof value} here${lost}: put it in quotes`;
}

/** The keys that there are: of the document, and of each kind of rule. */
export const KNOWN_KEYS = {
  document: Object.keys(allowlistSchema.shape),
  classicRule: Object.keys(classicRule.shape),
  vpcRule: Object.keys(vpcRule.shape),
};

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

type RawIssue = { readonly code?: string | undefined; readonly input?: unknown };

function was(input: unknown): string {
  if (input === undefined) return ', and is missing';
  if (input === null) return ', and is empty';
  return `, and is ${typeof input === 'string' ? quote(input) : describeType(input)}`;
}

function describeType(input: unknown): string {
  return Array.isArray(input)
    ? 'a list'
    : typeof input === 'object'
      ? 'a mapping'
      : `the ${typeof input} ${String(input)}`;
}

function expected(what: string) {
  return (issue: RawIssue) => `must be ${what}${was(issue.input)}`;
}

function unknownKeysOr(what: string) {
  // Undefined leaves the message to zod; the keys are named in toProblems.
  return (issue: RawIssue) => (issue.code === 'unrecognized_keys' ? undefined : `must be ${what}${was(issue.input)}`);
}

function mustBeText(what: (typeof UNQUOTED)[number]) {
  return ({ input }: RawIssue) =>
    typeof input === 'number' || typeof input === 'boolean'
      ? describeUnquoted(what, input, String(input))
      : `must be ${what === 'name' ? 'a name or a pattern' : `an ${what}`}${was(input)}`;
}
