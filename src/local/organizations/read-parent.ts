import { ApiError } from '../api-error.ts';
import type { Parameters } from '../parameters.ts';
import { invalidInput } from './asking.ts';
import type { Organization } from './organization.ts';

/**
 * The root or the organizational unit that a call is about.
 *
 * @throws {ApiError} InvalidInputException, or ParentNotFoundException.
 */
export function readParent(parameters: Parameters, { rootId, organizationalUnits }: Organization): string {
  const id = parameters.get('ParentId') ?? '';
  if (!/^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$/.test(id)) {
    throw invalidInput('INVALID_PATTERN', 'ParentId must be the id of a root or of an organizational unit.');
  }
  if (id === rootId || organizationalUnits.has(id)) return id;
  throw new ApiError('ParentNotFoundException', "You specified parent that doesn't exist.");
}
