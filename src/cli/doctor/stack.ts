import { isDeployed } from '../deployed-stack.ts';
import { type Check, ok, wrong } from './check.ts';
import { type Deployment, deployCommand } from './deployment.ts';

const CHECK = 'stack';

/** Whether the last deployment went through. */
export async function checkStack(deployment: Deployment): Promise<readonly Check[]> {
  const { name, status } = deployment.stack;
  const where = `${name} in ${deployment.region}`;
  if (isDeployed(status)) return [ok(CHECK, `${where} is deployed (${status})`)];
  if (status.endsWith('_IN_PROGRESS')) {
    return [
      wrong(CHECK, `${where} is changing (${status})`, 'wait until the deployment has ended, and run doctor again'),
    ];
  }
  return [
    wrong(
      CHECK,
      `the last deployment of ${where} failed (${status}): what runs is an older version, or a part of one`,
      `${deployCommand(deployment)}; why it failed: aws cloudformation describe-stack-events --stack-name ${name} --region ${deployment.region}`,
    ),
  ];
}
