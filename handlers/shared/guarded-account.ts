import type { Context } from 'aws-lambda';

/** The account this function runs in, the one it has the right to act in. Lambda always names it. */
export function guardedAccount(context: Context): string | undefined {
  return context.invokedFunctionArn?.split(':')[4];
}
