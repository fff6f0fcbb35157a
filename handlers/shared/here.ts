import type { Context } from 'aws-lambda';
import type { Place } from '../../src/policy/place.ts';

/** The place this function runs in: whose account it has the right to act in. Lambda always names it. */
export function hereOf(context: Context): Place {
  const [, , , region = '', account = ''] = context.invokedFunctionArn.split(':');
  return { account, region };
}
