import { ApiError } from '../api-error.ts';
import { type Parameters, required } from '../parameters.ts';
import type { Region } from '../region.ts';
import type { FunctionConfiguration } from './functions.ts';

/**
 * The function that a call names.
 *
 * @throws {ApiError} ResourceNotFoundException. Its words are seen in public reports.
 */
export function readFunction(parameters: Parameters, region: Region): FunctionConfiguration {
  const found = region.functions.find(required(parameters, 'FunctionName'));
  if (found !== undefined) return found;
  throw new ApiError('ResourceNotFoundException', `Function not found: ${functionArnOf(parameters, region)}`, 404);
}

/** The ARN of the function that a call names, whether it is there or not. */
export function functionArnOf(parameters: Parameters, { name: region, accountId }: Region): string {
  const name = parameters.get('FunctionName') ?? '';
  return name.startsWith('arn:') ? name : `arn:aws:lambda:${region}:${accountId}:function:${name}`;
}
