import { GetFunctionCommand, GetPolicyCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { prepareClient, RETRYING } from '../clients.ts';
import type { ClientConfig } from '../kept.ts';

/** A function, as Lambda has it now. */
export interface DeployedFunction {
  readonly arn: string;
  /** The ARN of its role. */
  readonly role: string;
  /** `Active`, `Inactive`, `Pending`, `Failed`. */
  readonly state: string;
  readonly environment: Readonly<Record<string, string>>;
  /** How many executions are reserved for it; 0 stops it. */
  readonly reservedConcurrency: number | undefined;
}

/**
 * Reads a function with GetFunction; `undefined` if there is none.
 *
 * @throws what the API answers otherwise, after the SDK's retries.
 */
export async function readFunction(config: ClientConfig, name: string): Promise<DeployedFunction | undefined> {
  const client = prepareClient(new LambdaClient({ ...RETRYING, ...config }), { GetFunction: 'Configuration' });
  try {
    const found = await unlessMissing(client.send(new GetFunctionCommand({ FunctionName: name })));
    if (found === undefined) return undefined;
    const { FunctionArn, Role, State, Environment } = found.Configuration ?? {};
    if (!FunctionArn || !Role) throw new Error(`Lambda said nothing of function ${name}`);
    return {
      arn: FunctionArn,
      role: Role,
      state: State ?? '',
      environment: Environment?.Variables ?? {},
      reservedConcurrency: found.Concurrency?.ReservedConcurrentExecutions,
    };
  } finally {
    client.destroy();
  }
}

/**
 * Which rules of EventBridge may invoke a function, as ARNs, with GetPolicy; a `*` in one stands for anything. None for a function
 * that is not there, or has no policy.
 *
 * @throws what the API answers otherwise, after the SDK's retries.
 */
export async function rulesThatMayInvoke(config: ClientConfig, name: string): Promise<string[]> {
  const client = prepareClient(new LambdaClient({ ...RETRYING, ...config }), { GetPolicy: 'Policy' });
  try {
    const policy = await unlessMissing(client.send(new GetPolicyCommand({ FunctionName: name })));
    return rulesIn(policy?.Policy);
  } finally {
    client.destroy();
  }
}

async function unlessMissing<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
  return await answer.catch((error: Error) => {
    if (error.name === 'ResourceNotFoundException') return undefined;
    throw error;
  });
}

const EQUAL_OR_LIKE = /^(Arn|String)(Equals|Like)$/;

interface Statement {
  readonly Effect?: string;
  readonly Principal?: { readonly Service?: string | readonly string[] };
  readonly Action?: string | readonly string[];
  /** The ARN of the function. */
  readonly Resource?: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** AWS Lambda Developer Guide, "Granting Lambda function access to AWS services": the rule stands in `AWS:SourceArn`. */
function rulesIn(policy: string | undefined): string[] {
  if (policy === undefined) return [];
  const { Statement: statements = [] } = JSON.parse(policy) as { readonly Statement?: readonly Statement[] };
  return statements.flatMap(({ Effect, Principal, Action, Resource = '', Condition = {} }) => {
    const isForRules =
      Effect === 'Allow' &&
      [Principal?.Service].flat().includes('events.amazonaws.com') &&
      [Action].flat().some((action) => action === 'lambda:InvokeFunction' || action === 'lambda:*');
    if (!isForRules) return [];
    const conditions = Object.entries(Condition).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, value]) => ({ operator, key: key.toLowerCase(), values: [value].flat() })),
    );
    const [, , , , account = ''] = Resource.split(':');
    // The rule is of the function's account. What else a condition may want of the caller, a rule is not known to have.
    const isMet = conditions.every(
      ({ operator, key, values }) =>
        EQUAL_OR_LIKE.test(operator) &&
        (key === 'aws:sourcearn' || (key === 'aws:sourceaccount' && values.includes(account))),
    );
    if (!isMet) return [];
    const arns = conditions.flatMap(({ key, values }) => (key === 'aws:sourcearn' ? values : []));
    return arns.length > 0 ? arns : ['*'];
  });
}
