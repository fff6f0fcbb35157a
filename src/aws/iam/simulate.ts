import { IAMClient, paginateSimulatePrincipalPolicy } from '@aws-sdk/client-iam';
import { prepareClient, RETRYING } from '../clients.ts';
import type { ClientConfig } from '../kept.ts';
import { pagesToTheEnd } from '../pages.ts';

/** Actions that are asked for together, and the ARN of what they are done to. */
export interface AskedPermissions {
  readonly actions: readonly string[];
  readonly resource: string;
}

/**
 * Which of these actions a role may do, by its policies and in a region, with SimulatePrincipalPolicy. Service control policies of the
 * organization count as far as IAM counts them.
 *
 * @throws what the API answers, after the SDK's retries.
 */
export async function allowedActions(
  config: ClientConfig,
  roleArn: string,
  { actions, resource }: AskedPermissions,
): Promise<ReadonlySet<string>> {
  const client = prepareClient(new IAMClient({ ...RETRYING, ...config }), {
    SimulatePrincipalPolicy: 'EvaluationResults',
  });
  const input = {
    PolicySourceArn: roleArn,
    ActionNames: [...actions],
    ResourceArns: [resource],
    ContextEntries: [
      {
        ContextKeyName: 'aws:RequestedRegion',
        ContextKeyType: 'string' as const,
        ContextKeyValues: [config.region],
      },
    ],
  };
  const allowed = new Set<string>();
  try {
    const pages = paginateSimulatePrincipalPolicy({ client }, input);
    for await (const page of pagesToTheEnd(pages, 'EvaluationResults', 'Marker')) {
      for (const { EvalActionName, EvalDecision } of page) {
        if (EvalDecision === 'allowed' && EvalActionName !== undefined) allowed.add(EvalActionName);
      }
    }
    return allowed;
  } finally {
    client.destroy();
  }
}
