import * as z from 'zod/mini';
import {
  type AnyAllowlistRule,
  expected,
  listOf,
  namePattern,
  ofAnyRule,
  ownerId,
  ruleId,
} from '../allowlist-fields.ts';
import { quote } from '../quote.ts';
import { describeMisspeltCidr } from './cidr.ts';
import { isPort, isPrefixListId, isSecurityGroupId } from './names.ts';

/** Who may reach which caches through their VPC security groups: any of the security groups, ranges and prefix lists. */
export interface VpcAllowlistRule extends AnyAllowlistRule {
  /** Patterns of the names of replication groups, clusters and serverless caches; compared in lower case. */
  readonly caches: readonly string[];
  /** Ids. The owner of such a group must be among `ownerIds`. */
  readonly securityGroupIds?: readonly string[] | undefined;
  /** Patterns of names, in the case that they have. Only of groups whose name EC2 shows: those of the account itself. */
  readonly securityGroupNames?: readonly string[] | undefined;
  /** 12 digits, `self` for the account of the group that guards the cache, or `*`. Without it: `self`. */
  readonly ownerIds?: readonly string[] | undefined;
  /** Ranges of addresses. A grant's range must lie inside one of them. */
  readonly cidrs?: readonly string[] | undefined;
  readonly prefixListIds?: readonly string[] | undefined;
  /** That anyone on the internet may reach them by a public endpoint. No range says that, however wide. */
  readonly publicEndpoint?: true | undefined;
  /** Which ports of the caches may be reached. Without it: all that they listen on. */
  readonly ports?: readonly number[] | undefined;
}

function idLike(what: string, isId: (text: string) => boolean, example: string) {
  return z
    .string({ error: expected(`the id of a ${what}, such as ${example}`) })
    .check(
      z.refine(isId, { error: (issue) => `${quote(issue.input)} is not the id of a ${what}, such as ${example}` }),
    );
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

/** The shape of such a rule in the document. */
export const vpcAllowlistRule = z.strictObject({
  id: ruleId,
  caches: listOf(namePattern, 'caches'),
  securityGroupIds: z.optional(listOf(securityGroupId, 'ids of security groups')),
  securityGroupNames: z.optional(listOf(namePattern, 'names of security groups')),
  ownerIds: z.optional(listOf(ownerId, 'owner ids')),
  cidrs: z.optional(listOf(cidr, 'ranges of addresses')),
  prefixListIds: z.optional(listOf(prefixListId, 'ids of prefix lists')),
  publicEndpoint: z.optional(
    z.literal(true, { error: expected('`true`, or not there: it lets anyone on the internet reach the caches') }),
  ),
  ports: z.optional(listOf(port, 'ports')),
  ...ofAnyRule,
});

/** The keys by which such a rule says who may reach the caches. One of them must be there, or `publicEndpoint`, which is not proposed. */
export const SOURCE_KEYS = ['securityGroupIds', 'securityGroupNames', 'cidrs', 'prefixListIds'] as const;
