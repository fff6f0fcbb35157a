import type { Account } from '../account.ts';
import { ApiError } from '../api-error.ts';
import { type Parameters, required } from '../parameters.ts';
import type { Region } from '../region.ts';
import { shown } from '../shown.ts';
import type { Trail } from './trails.ts';

/**
 * The trail that a call names.
 *
 * @throws {ApiError} TrailNotFoundException. Its words are seen in public reports.
 */
export function readTrail(parameters: Parameters, nameParameter: string, region: Region, account: Account): Trail {
  const name = required(parameters, nameParameter);
  const trail = account.trails.find(name, region.name);
  if (trail !== undefined) return trail;
  throw new ApiError('TrailNotFoundException', `Unknown trail: ${shown(name)} for the user: ${account.id}`);
}

/** The ARN of the trail that a call names, whether it is there or not. */
export function trailArnOf(nameParameter: string): (parameters: Parameters, region: Region) => string {
  return (parameters, { name: region, accountId }) => {
    const name = parameters.get(nameParameter) ?? '';
    return name.startsWith('arn:') ? name : `arn:aws:cloudtrail:${region}:${accountId}:trail/${name}`;
  };
}
