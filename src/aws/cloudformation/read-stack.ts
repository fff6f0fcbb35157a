import {
  CloudFormationClient,
  DescribeStacksCommand,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import { prepareClient, RETRYING } from '../clients.ts';
import type { ClientConfig } from '../kept.ts';
import { pagesToTheEnd } from '../pages.ts';

/** A stack of CloudFormation, as it is now. */
export interface DeployedStack {
  readonly name: string;
  /** `CREATE_COMPLETE`, `UPDATE_ROLLBACK_FAILED`, … */
  readonly status: string;
  /** The outputs by name: `AlertTopicArn`, `DeadLetterQueueUrl`, …. stack/outputs.yml says what each is. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** A resource of a stack. */
export interface StackResource {
  /** Its name in the template: `EnforceIngressRole`. */
  readonly logicalId: string;
  /** `AWS::IAM::Role` */
  readonly type: string;
  /** What `Ref` gives: a name, a URL or an ARN. Empty while the resource is not made. */
  readonly physicalId: string;
}

/** The name of the stack of a stage: the Serverless Framework joins the service's name and the stage's. */
export function stackNameOf(stage: string): string {
  return `elasticache-ingress-guard-${stage}`;
}

/**
 * Reads a stack with DescribeStacks; `undefined` if there is none of that name, or it was deleted.
 *
 * @throws what the API answers otherwise, after the SDK's retries.
 */
export async function readStack(
  config: ClientConfig,
  name: string,
  abortSignal?: AbortSignal,
): Promise<DeployedStack | undefined> {
  const client = prepareClient(new CloudFormationClient({ ...RETRYING, ...config }), { DescribeStacks: 'Stacks' });
  try {
    const command = new DescribeStacksCommand({ StackName: name });
    const { Stacks: [stack] = [] } = await client.send(command, { ...(abortSignal && { abortSignal }) });
    if (stack?.StackStatus === undefined) throw new Error(`CloudFormation said nothing of stack ${name}`);
    const outputs = (stack.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]);
    return { name, status: stack.StackStatus, outputs: Object.fromEntries(outputs) };
  } catch (error) {
    // There is no code for it alone. Seen in public programs: "Stack with id x does not exist".
    if (error instanceof Error && error.name === 'ValidationError' && / does not exist/.test(error.message)) {
      return undefined;
    }
    throw error;
  } finally {
    client.destroy();
  }
}

/**
 * Lists the resources of a stack with ListStackResources, every page. Those that were deleted are left out.
 *
 * @throws what the API answers, after the SDK's retries.
 */
export async function listStackResources(
  config: ClientConfig,
  name: string,
  abortSignal?: AbortSignal,
): Promise<StackResource[]> {
  const client = prepareClient(new CloudFormationClient({ ...RETRYING, ...config }), {
    ListStackResources: 'StackResourceSummaries',
  });
  const resources: StackResource[] = [];
  try {
    const pages = paginateListStackResources({ client }, { StackName: name }, { abortSignal });
    for await (const page of pagesToTheEnd(pages, 'StackResourceSummaries', 'NextToken')) {
      for (const { LogicalResourceId, ResourceType, PhysicalResourceId, ResourceStatus } of page) {
        if (ResourceStatus === 'DELETE_COMPLETE') continue;
        resources.push({
          logicalId: LogicalResourceId ?? '',
          type: ResourceType ?? '',
          physicalId: PhysicalResourceId ?? '',
        });
      }
    }
    return resources;
  } finally {
    client.destroy();
  }
}
