import type { Accounts } from './accounts.ts';
import { deployTemplate } from './cloudformation/deploy.ts';
import type { Stack } from './cloudformation/stacks.ts';
import { type Deployment, readDeployment } from './read-deployment.ts';
import { confirm } from './sns/topics.ts';

/** What a new stack is given if nothing else is said: the defaults of settings.yml, and someone who gets alarms. */
const SETTINGS = {
  mode: 'report-only',
  maxRevocations: '10',
  maxRevocationsPerRun: '50',
  shared: 'hold',
  mixed: 'hold',
  alertEmail: 'oncall@example.com',
  tracing: 'false',
  securityHub: 'false',
  chat: 'false',
};

/**
 * Deploys the whole stack to an account, as far as it can be looked up: roles, rules, queues, topic, what Lambda says of functions, and
 * the outputs. The subscription to the topic is confirmed. What runs, `runStack` starts.
 *
 * @throws as `deployTemplate`
 */
export async function deployStack(
  accounts: Accounts,
  { account, ...deployment }: Deployment & { readonly account: string },
): Promise<Stack> {
  const { region: regionName, stage } = deployment;
  const template = await readDeployment({ ...deployment, settings: { ...SETTINGS, ...deployment.settings } });
  const stackName = `elasticache-ingress-guard-${stage}`;
  deployTemplate(accounts, template, { stackName, account, region: regionName });
  const region = accounts.find(account)?.region(regionName);
  const stack = region?.stacks.find(stackName);
  if (region === undefined || stack === undefined) throw new Error(`the stack ${stackName} is not there`);
  const topic = region.topics.find(stack.outputs.get('AlertTopicArn') ?? '');
  for (const subscription of topic?.subscriptions ?? []) if (topic !== undefined) confirm(topic, subscription);
  return stack;
}

/**
 * The ARN of a role of a stack, by its logical id.
 *
 * @throws if the stack has none.
 */
export function roleArnIn({ name, resources }: Stack, id: string, account: string): string {
  const role = resources.find(({ logicalId, type }) => logicalId === id && type === 'AWS::IAM::Role');
  if (role === undefined) throw new Error(`the stack ${name} has no role ${id}`);
  return `arn:aws:iam::${account}:role/${role.physicalId}`;
}
