import * as z from 'zod/mini';
import { allowlistSchema } from '../policy/parse-allowlist.ts';

/** What an editor shows next to a key. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  version: 'The version of this format: 1.',
  rules: 'What is allowed. A grant that no rule allows is denied. Their order never matters.',
  id: 'What decisions, logs and reports call the rule. Each only once.',
  caches:
    'Names of replication groups, clusters and serverless caches, in lower case. * stands for any run of characters, ? for one.',
  securityGroupIds:
    'Ids of security groups that may reach the caches: sg-0123456789abcdef0. Their owners must be among ownerIds.',
  cidrs: 'Ranges of addresses that may reach the caches: 10.0.0.0/16, 2001:db8::/32. Parts of a range may, too.',
  securityGroupNames:
    'Patterns of names of security groups that may reach the caches: web, batch-*. Only of groups that can be looked up.',
  prefixListIds: 'Ids of prefix lists that may reach the caches: pl-0123456789abcdef0.',
  publicEndpoint:
    'true: anyone on the internet may reach the caches by a public endpoint. No range of addresses allows that.',
  ports: 'Which ports of the caches may be reached. Without it: all that they listen on.',
  cacheSecurityGroups:
    'Names of cache security groups, in lower case. * stands for any run of characters, ? for one, \\ takes the next as it is.',
  ec2SecurityGroups:
    'Names of EC2 security groups; case counts. * stands for any run of characters, ? for one, \\ takes the next as it is.',
  ownerIds:
    'Who owns the security groups that get access: 12 digits in quotes, self (the account of what they reach), or * for any.',
  accounts:
    'Where the cache security group or the cache lives: 12 digits in quotes. Without it and organizationalUnits: any account.',
  organizationalUnits:
    'Also where it lives: in any account below one of these organizational units (ou-ab12-0123abcd) or roots (r-ab12).',
  regions: 'Where the cache security group or the cache lives, such as us-east-1. Without it: any region.',
  expires: 'The last day, in UTC, on which the rule allows: 2027-01-31.',
  reason: 'For people: a ticket, a purpose.',
};

/**
 * The JSON Schema of the allowlist, made from the schema it is checked with. A document that it refuses is not valid; one
 * that it takes may still have problems that only `ingress-guard check` sees (days that do not exist, ids taken twice).
 */
export function allowlistJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(allowlistSchema, { target: 'draft-7' });
  describe(schema);
  return { ...schema, title: 'Allowlist of Ingress Guard' };
}

function describe(schema: z.core.JSONSchema.BaseSchema): void {
  for (const [key, member] of Object.entries(schema.properties ?? {})) {
    if (typeof member === 'boolean') continue;
    const description = DESCRIPTIONS[key];
    if (description !== undefined) member.description = description;
    describe(member);
  }
  for (const one of schema.anyOf ?? []) if (typeof one === 'object') describe(one);
  if (typeof schema.items === 'object' && !Array.isArray(schema.items)) describe(schema.items);
}
