import type { DeployedStack, StackResource } from '../../aws/cloudformation/read-stack.ts';
import type { DeployedFunction } from '../../aws/lambda/read-function.ts';
import { partitionOf } from '../../policy/partition.ts';
import { outputOf } from '../deployed-stack.ts';

/** The stack that is looked at, with what several checks need. */
export interface Deployment {
  readonly stack: DeployedStack;
  readonly stage: string;
  readonly region: string;
  /** 12 digits. */
  readonly account: string;
  readonly resources: readonly StackResource[];
  /** The functions, each read once, no matter who asks first. It throws what Lambda answers. */
  readonly readFunction: (name: string) => Promise<DeployedFunction | undefined>;
}

/** A function of the stack: its logical name, `EnforceIngress`, and its name at Lambda. */
export interface NamedFunction {
  readonly id: string;
  readonly name: string;
}

/** The functions of the stack, by its outputs. Those that audit an organization are there in a hub alone. */
export function functionsOf({ stack }: Deployment): NamedFunction[] {
  return Object.entries(stack.outputs).flatMap(([output, name]) => {
    const id = /^(\w+)FunctionName$/.exec(output)?.[1];
    return id === undefined ? [] : [{ id, name }];
  });
}

/** Whether the stack guards an organization. */
export function isHub({ stack }: Deployment): boolean {
  return 'SpokesStackSetName' in stack.outputs;
}

/** The account of a stack, by the ARN of its topic. */
export function accountOf(stack: DeployedStack): string {
  return outputOf(stack, 'AlertTopicArn').split(':')[4] ?? '';
}

/** An ARN in the stack's partition. */
export function arnOf({ region }: Pick<Deployment, 'region'>, rest: string): string {
  return `arn:${partitionOf(region)}:${rest}`;
}

/** The command that deploys the stack. */
export function deployCommand({ stage, region }: Pick<Deployment, 'stage' | 'region'>): string {
  return `npx serverless deploy --stage ${stage} --region ${region}`;
}

/** What to do where someone deleted a part of the stack: CloudFormation takes it for there as long as the template does not change. */
export function makeAgain(deployment: Pick<Deployment, 'stage' | 'region'>): string {
  const { stage, region } = deployment;
  return `npx serverless remove --stage ${stage} --region ${region} && ${deployCommand(deployment)} (queues and logs stay)`;
}
