import type { Parameters } from '../parameters.ts';
import type { Region } from '../region.ts';

/**
 * The ARN of what a call names; of all of the kind if it names none. Service Authorization Reference of ElastiCache.
 *
 * @param kind `securitygroup`
 * @param parameter the one that names it: `CacheSecurityGroupName`.
 */
export function arnOf(kind: string, parameter: string): (parameters: Parameters, region: Region) => string {
  return (parameters, { name, accountId }) =>
    `arn:aws:elasticache:${name}:${accountId}:${kind}:${parameters.get(parameter)?.toLowerCase() ?? '*'}`;
}
