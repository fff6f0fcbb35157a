import * as z from 'zod/mini';
import {
  type AnyAllowlistRule,
  listOf,
  namePattern,
  ofAnyRule,
  ownerId,
  ruleId,
  unknownKeysOr,
} from '../allowlist-fields.ts';

/** Which EC2 security groups may reach which cache security groups. */
export interface ClassicAllowlistRule extends AnyAllowlistRule {
  /** Name patterns; compared in lower case, as ElastiCache stores these names. */
  readonly cacheSecurityGroups: readonly string[];
  /** Name patterns; case matters. */
  readonly ec2SecurityGroups: readonly string[];
  /** 12 digits (hyphens are dropped), `self` for the account of the cache security group, or `*` for any. */
  readonly ownerIds: readonly string[];
}

/** The shape of such a rule in the document. */
export const classicAllowlistRule = z.strictObject(
  {
    id: ruleId,
    cacheSecurityGroups: listOf(namePattern, 'cache security groups'),
    ec2SecurityGroups: listOf(namePattern, 'EC2 security groups'),
    ownerIds: listOf(ownerId, 'owner ids'),
    ...ofAnyRule,
  },
  { error: unknownKeysOr('a rule: a mapping with id, cacheSecurityGroups, ec2SecurityGroups and ownerIds') },
);
