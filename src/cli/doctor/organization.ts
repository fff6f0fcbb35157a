import { listStackInstances } from '../../aws/cloudformation/list-stack-instances.ts';
import { oneLine } from '../one-line.ts';
import { type Check, ok, wrong } from './check.ts';
import { type Deployment, deployCommand, isHub } from './deployment.ts';

const CHECK = 'organization';

/** Whether every account has its part of the stack. Nothing is looked at where there is no organization. */
export async function checkOrganization(deployment: Deployment): Promise<readonly Check[]> {
  if (!isHub(deployment)) return [];
  const { region, stack } = deployment;
  // Its name and its id: ListStackInstances takes either.
  const [stackSet = ''] = (stack.outputs.SpokesStackSetName ?? '').split(':');
  const instances = await listStackInstances(region, stackSet);
  if (instances.length === 0) {
    return [
      wrong(
        CHECK,
        `StackSet ${stackSet} has no stacks: no account of the organization is watched`,
        deployCommand(deployment),
      ),
    ];
  }
  const bad = instances.filter(({ status }) => status !== 'CURRENT');
  if (bad.length === 0) {
    const accounts = new Set(instances.map(({ account }) => account)).size;
    return [ok(CHECK, `StackSet ${stackSet} is current in all ${instances.length} stacks of ${accounts} accounts`)];
  }
  return bad.map((one) =>
    wrong(
      CHECK,
      `StackSet ${stackSet} is ${one.status} in account ${one.account}, ${one.region}${one.reason ? `: ${oneLine(one.reason, 200)}` : ''}`,
      `remove what keeps it from being deployed there, then ${deployCommand(deployment)}`,
    ),
  );
}
