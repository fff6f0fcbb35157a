import { expect } from 'vitest';
import { deployTemplate } from '../../../src/local/cloudformation/deploy.ts';
import type { LocalAws } from '../../../src/local/local-aws.ts';
import type { Queue } from '../../../src/local/sqs/queues.ts';
import { ACCOUNT, REGION } from '../examples/grants.ts';
import { stubEnvironment } from '../functions/aws-environment.ts';
import { credentials } from './local-elasticache.ts';

/** The name of the stack of the stage prod. */
export const STACK = 'elasticache-ingress-guard-prod';

/** The names of its functions: those that the local AWS is to invoke have them too. */
export const FUNCTIONS = {
  enforceIngress: `${STACK}-enforceIngress`,
  enforceSecurityGroup: `${STACK}-enforceSecurityGroup`,
  auditGrants: `${STACK}-auditGrants`,
} as const;

/**
 * Deploys to a local AWS what commands look for in the stack of the stage prod, with its outputs, and lets the SDK in this process find
 * that AWS.
 */
export function deployStackHere(aws: LocalAws): { readonly deadLetters: Queue; readonly undelivered: Queue } {
  const place = { stackName: STACK, account: ACCOUNT, region: REGION };
  const functions = Object.entries(FUNCTIONS).map(([name, FunctionName]) => [
    `${name.charAt(0).toUpperCase()}${name.slice(1)}LambdaFunction`,
    { Type: 'AWS::Lambda::Function', Properties: { FunctionName } },
  ]);
  const output = (Value: string) => ({ Value: { Ref: Value } });
  const template = {
    Description: 'Ingress Guard, stage prod, mode enforce: judges who may reach caches',
    Resources: {
      ...Object.fromEntries(functions),
      DeadLetterQueue: { Type: 'AWS::SQS::Queue' },
      UndeliveredQueue: { Type: 'AWS::SQS::Queue' },
    },
    Outputs: {
      EnforceIngressFunctionName: output('EnforceIngressLambdaFunction'),
      EnforceSecurityGroupFunctionName: output('EnforceSecurityGroupLambdaFunction'),
      AuditGrantsFunctionName: output('AuditGrantsLambdaFunction'),
      DeadLetterQueueUrl: output('DeadLetterQueue'),
      UndeliveredQueueUrl: output('UndeliveredQueue'),
    },
  };
  deployTemplate(aws.accounts, template, place);
  stubEnvironment(environmentOf(aws));
  const queueOf = (name: string): Queue => {
    const queue = aws.region(REGION)?.queues.find(`${STACK}-${name}-${REGION}`);
    expect(queue).toBeDefined();
    return queue as Queue;
  };
  return { deadLetters: queueOf('DeadLetterQueue'), undelivered: queueOf('UndeliveredQueue') };
}

/** What the SDK of any process needs to call a local AWS. */
export function environmentOf({ url }: LocalAws): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
}
