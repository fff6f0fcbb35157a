import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';

/** A function of `serverless.yml`, as far as the local AWS runs it. */
export interface StackFunction {
  readonly name: string;
  /** The module and its export: `handlers/enforce-ingress.handler`. */
  readonly handler: string;
  readonly timeoutSeconds: number;
  /** How often Lambda tries again when an asynchronous invocation fails. */
  readonly maximumRetryAttempts: number;
  /** The event patterns of the rules that invoke it. */
  readonly eventPatterns: readonly object[];
}

interface WrittenStack {
  readonly provider?: { readonly timeout?: number };
  readonly functions?: Record<string, WrittenFunction>;
}
interface WrittenFunction {
  readonly handler: string;
  readonly timeout?: number;
  readonly maximumRetryAttempts?: number;
  readonly events?: readonly { readonly eventBridge?: { readonly pattern?: object } }[];
}

/** Lambda's and the Serverless Framework's own defaults. */
const DEFAULT_TIMEOUT_SECONDS = 6;
const DEFAULT_RETRY_ATTEMPTS = 2;

/**
 * Reads what the local AWS plays from `serverless.yml` itself, so that what is deployed and what is tried here cannot
 * part. Variables (`${...}`) are not resolved: what is read here must be written out there.
 */
export async function readStack(path: string): Promise<StackFunction[]> {
  const stack = parse(await readFile(path, 'utf8'), { logLevel: 'error' }) as WrittenStack;
  return Object.entries(stack.functions ?? {}).map(([name, written]) => ({
    name,
    handler: written.handler,
    timeoutSeconds: written.timeout ?? stack.provider?.timeout ?? DEFAULT_TIMEOUT_SECONDS,
    maximumRetryAttempts: written.maximumRetryAttempts ?? DEFAULT_RETRY_ATTEMPTS,
    eventPatterns: (written.events ?? []).flatMap((event) => event.eventBridge?.pattern ?? []),
  }));
}
