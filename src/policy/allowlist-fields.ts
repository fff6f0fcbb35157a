// What the rules of an allowlist of either kind say in the same way.
import * as z from 'zod/mini';
import { isUnitId } from './account-paths.ts';
import { parseNamePattern } from './name-pattern.ts';
import { quote } from './quote.ts';
import { normalizeOwnerId } from './written.ts';

/** What an allowlist rule says whatever kind of grants it is about. */
export interface AnyAllowlistRule {
  readonly id: string;
  /** Where the grant's target lives. Without it and `organizationalUnits`: in any account. */
  readonly accounts?: readonly string[] | undefined;
  /** Ids of organizational units and roots: also in any account below one of these. */
  readonly organizationalUnits?: readonly string[] | undefined;
  /** Without it: in any region. */
  readonly regions?: readonly string[] | undefined;
  /** The last day, in UTC, on which the rule allows: `2027-01-31`. */
  readonly expires?: string | undefined;
  /** For people: a ticket, a purpose. */
  readonly reason?: string | undefined;
}

/** Longer than any name that ElastiCache or EC2 accepts (255), with room for escapes. */
const LONGEST_PATTERN = 512;

export const namePattern = z.string({ error: mustBeText('name') }).check(
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

export const ownerId = z.string({ error: mustBeText('owner id') }).check(
  z.refine((id) => id === 'self' || id === '*' || normalizeOwnerId(id) !== undefined, {
    error: (issue) => `${quote(issue.input)} is neither 12 digits, nor \`self\`, nor \`*\``,
  }),
);

const regionName = z
  .string({ error: expected('the name of a region, such as us-east-1') })
  .check(z.regex(/^[a-z0-9-]{1,64}$/, { error: (issue) => `${quote(issue.input)} is not the name of a region` }));

const unitId = z.string({ error: expected('the id of an organizational unit, such as ou-ab12-0123abcd') }).check(
  z.refine(isUnitId, {
    error: (issue) =>
      `${quote(issue.input)} is neither the id of an organizational unit, such as ou-ab12-0123abcd, nor that of a root, such as r-ab12`,
  }),
);

const day = z
  .string({ error: expected('a day, such as 2027-01-31') })
  .check(
    z.refine((text) => isDay(text), { error: (issue) => `${quote(issue.input)} is not a day, such as 2027-01-31` }),
  );

export function listOf<Item extends z.ZodMiniType>(item: Item, what: string) {
  return z
    .array(item, { error: expected(`a list of ${what}`) })
    .check(z.minLength(1, `is empty: name at least one of the ${what}, or remove it`));
}

/** What a rule may say whatever it is about. */
export const ofAnyRule = {
  accounts: z.optional(listOf(accountId, 'account ids')),
  organizationalUnits: z.optional(listOf(unitId, 'organizational units')),
  regions: z.optional(listOf(regionName, 'regions')),
  expires: z.optional(day),
  reason: z.optional(
    z.string({ error: expected('a text') }).check(z.maxLength(1024, 'is longer than 1024 characters')),
  ),
};

export const ruleId = z.string({ error: expected('a name for the rule') }).check(
  z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, {
    error: (issue) => `${quote(issue.input)} is not up to 128 letters, digits, dots, hyphens and underscores`,
  }),
);

function isDay(text: string): boolean {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00.000Z`);
  // Date.parse takes 2027-02-30 for the 2nd of March.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** What a text must be where something else may stand: what is found again by the words of zod's message. */
export const UNQUOTED = ['name', 'account id', 'owner id'] as const;

type RawIssue = { readonly code?: string | undefined; readonly input?: unknown };

/** The end of a message: what is there instead. */
export function was(input: unknown): string {
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

export function expected(what: string) {
  return (issue: RawIssue) => `must be ${what}${was(issue.input)}`;
}

export function unknownKeysOr(what: string) {
  // Undefined leaves the message to zod; the code that reads its issues names the keys.
  return (issue: RawIssue) => (issue.code === 'unrecognized_keys' ? undefined : `must be ${what}${was(issue.input)}`);
}

function mustBeText(what: (typeof UNQUOTED)[number]) {
  return ({ input }: RawIssue) =>
    typeof input === 'number' || typeof input === 'boolean'
      ? describeUnquoted(what, input, String(input))
      : `must be ${what === 'name' ? 'a name or a pattern' : `an ${what}`}${was(input)}`;
}

/** "owner id `012345678901` is a number here and has lost its leading zero: put it in quotes" */
export function describeUnquoted(what: string, value: unknown, source: string): string {
  const lost = typeof value === 'number' && /^0[0-9]/.test(source) ? ' and has lost its leading zero' : '';
  return `${what} ${quote(source)} is a ${typeof value} here${lost}: put it in quotes`;
}
