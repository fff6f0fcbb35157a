import { ApiError } from '../api-error.ts';
import { type Parameters, required } from '../parameters.ts';
import type { Region } from '../region.ts';
import { shown } from '../shown.ts';
import { type Stack, stackArn } from './stacks.ts';

/**
 * The stack that a call names.
 *
 * @throws {ApiError} ValidationError. Code and words are seen in public programs; that both calls use the same is inferred.
 */
export function readStack(parameters: Parameters, { stacks }: Region): Stack {
  const name = required(parameters, 'StackName');
  const stack = stacks.find(name);
  if (stack === undefined) throw new ApiError('ValidationError', `Stack with id ${shown(name)} does not exist`);
  return stack;
}

/** The ARN of the stack that a call names, whether it is there or not. */
export function stackArnOf(parameters: Parameters, { name: region, accountId: account }: Region): string {
  const stackName = parameters.get('StackName') ?? '';
  return stackName.startsWith('arn:') ? stackName : stackArn({ account, region, stackName });
}
