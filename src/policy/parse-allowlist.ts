import * as z from 'zod/mini';
import type { Allowlist, Rule } from './allowlist.ts';
import { checkShape, TOO_MANY_PROBLEMS } from './check-shape.ts';
import { normalizeOwnerId, quote } from './grant.ts';
import { parseNamePattern } from './name-pattern.ts';

/** What is wrong with an allowlist, and at which keys: `['rules', 0, 'ownerIds', 1]`. */
export interface AllowlistProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** Set where a text was meant and a number or the like is there: what it was meant to be. */
  readonly unquoted?: string;
  /** Set where a key is there that nobody knows: the last of `path`. */
  readonly unknownKey?: string;
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

function listOf<Item extends z.ZodMiniType>(item: Item, what: string) {
  return z
    .array(item, { error: expected(`a list of ${what}`) })
    .check(z.minLength(1, `is empty: name at least one of the ${what}, or remove it`));
}

const ruleSchema = z.strictObject(
  {
    id: z.string({ error: expected('a name for the rule') }).check(
      z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, {
        error: (issue) => `${quote(issue.input)} is not up to 128 letters, digits, dots, hyphens and underscores`,
      }),
    ),
    cacheSecurityGroups: listOf(namePattern, 'cache security groups'),
    ec2SecurityGroups: listOf(namePattern, 'EC2 security groups'),
    ownerIds: listOf(ownerId, 'owner ids'),
    accounts: z.optional(listOf(accountId, 'account ids')),
    regions: z.optional(listOf(regionName, 'regions')),
    expires: z.optional(day),
    reason: z.optional(
      z.string({ error: expected('a text') }).check(z.maxLength(1024, 'is longer than 1024 characters')),
    ),
  },
  { error: unknownKeysOr('a rule: a mapping with id, cacheSecurityGroups, ec2SecurityGroups and ownerIds') },
);

/** The shape of the allowlist. The JSON Schema that editors use is made from it. */
export const allowlistSchema = z.strictObject(
  {
    version: z.literal(1, { error: (issue) => `must be 1, the only version there is${was(issue.input)}` }),
    rules: z.array(ruleSchema, { error: expected('a list of rules') }),
  },
  { error: unknownKeysOr('an allowlist: a mapping with version and rules') },
);

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
  const parsed = checkShape(allowlistSchema, document);
  if (parsed === undefined) return { problems: [{ path: [], message: TOO_MANY_PROBLEMS }] };
  if (!parsed.success) return { problems: parsed.error.issues.flatMap(toProblems) };
  const problems = findDuplicateIds(parsed.data.rules);
  return problems.length > 0 ? { problems } : { allowlist: parsed.data };
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

function toProblems(issue: z.core.$ZodIssue): AllowlistProblem[] {
  const path = issue.path.map((key) => (typeof key === 'symbol' ? key.toString() : key));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], message: `unknown key ${quote(key)}`, unknownKey: key }));
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

/** The keys that there are, for hints about one that there is not. */
export const KNOWN_KEYS = {
  document: Object.keys(allowlistSchema.shape),
  rule: Object.keys(ruleSchema.shape),
};

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
