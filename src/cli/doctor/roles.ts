import { type AskedPermissions, allowedActions } from '../../aws/iam/simulate.ts';
import { outputOf } from '../deployed-stack.ts';
import { type Check, make, ok, wrong } from './check.ts';
import { arnOf, type Deployment, deployCommand, functionsOf } from './deployment.ts';

const CHECK = 'role';

const CLASSIC = ['elasticache:DescribeCacheSecurityGroups'];
const CACHES = {
  cluster: 'elasticache:DescribeCacheClusters',
  serverlesscache: 'elasticache:DescribeServerlessCaches',
};
/** EC2's Describe calls know no resources (Service Authorization Reference). */
export const LOOK_AT_RULES = [
  'ec2:DescribeSecurityGroupRules',
  'ec2:DescribeSecurityGroups',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeVpcEndpoints',
  'ec2:DescribeManagedPrefixLists',
  'ec2:GetManagedPrefixListEntries',
];
const REVOKE_CLASSIC = 'elasticache:RevokeCacheSecurityGroupIngress';
const REVOKE_RULES = 'ec2:RevokeSecurityGroupIngress';

/** What a function looks at, and what it revokes in mode enforce. */
interface Needs {
  readonly classic?: true;
  readonly rules?: true;
  /** In report-only, it looks at nothing of these. */
  readonly onlyToEnforce?: true;
}
const NEEDS: Readonly<Record<string, Needs>> = {
  EnforceIngress: { classic: true, onlyToEnforce: true },
  EnforceSecurityGroup: { rules: true },
  AuditGrants: { classic: true, rules: true },
};

/** Whether the roles of the functions may do what the mode needs, and in report-only may revoke nothing. */
export async function checkRoles(deployment: Deployment): Promise<readonly Check[]> {
  const checks = functionsOf(deployment).flatMap(({ id, name }) => {
    const needs = NEEDS[id];
    if (needs === undefined) return [];
    return make({
      check: CHECK,
      what: `what the role of ${name} may do`,
      make: () => checkOne(deployment, name, needs),
    });
  });
  return (await Promise.all(checks)).flat();
}

async function checkOne(deployment: Deployment, name: string, needs: Needs): Promise<Check[]> {
  const found = await deployment.readFunction(name);
  // Its own check speaks of a function that is not there.
  if (found === undefined) return [];
  const enforces = found.environment.INGRESS_GUARD_MODE === 'enforce';
  const revocations = revocationsOf(deployment, needs);
  const needed = [
    ...(needs.onlyToEnforce && !enforces ? [] : looksOf(deployment, needs)),
    ...(enforces ? revocations : []),
    ...outcomesOf(deployment),
  ];
  const ofHub = found.environment.INGRESS_GUARD_READ_ROLE;
  if (ofHub) {
    const resource = arnOf(deployment, `iam::${deployment.account}:role/${ofHub}`);
    needed.push({ actions: ['sts:AssumeRole'], resource });
  }
  const missing = await among(deployment, found.role, needed, false);
  if (missing.length > 0) {
    return [wrong(CHECK, `the role of ${name} lacks ${missing.join(', ')}: ${found.role}`, restore(deployment))];
  }
  const tooMuch = enforces ? [] : await among(deployment, found.role, revocations, true);
  if (tooMuch.length > 0) {
    return [
      wrong(
        CHECK,
        `the role of ${name} has ${tooMuch.join(', ')}, which report-only never needs: ${found.role}`,
        restore(deployment),
      ),
    ];
  }
  return [ok(CHECK, `the role of ${name} has the permissions that mode ${enforces ? 'enforce' : 'report-only'} needs`)];
}

function restore(deployment: Deployment): string {
  return `undo what someone changed in the role, or look for a policy of the organization; then ${deployCommand(deployment)}`;
}

function looksOf(deployment: Deployment, { classic, rules }: Needs): AskedPermissions[] {
  const { region, account } = deployment;
  const elastiCache = (kind: string) => arnOf(deployment, `elasticache:${region}:${account}:${kind}:doctor`);
  return [
    ...(classic ? [{ actions: CLASSIC, resource: elastiCache('securitygroup') }] : []),
    ...(rules
      ? Object.entries(CACHES).map(([kind, action]) => ({ actions: [action], resource: elastiCache(kind) }))
      : []),
    ...(rules ? [{ actions: LOOK_AT_RULES, resource: '*' }] : []),
  ];
}

function revocationsOf(deployment: Deployment, { classic, rules }: Needs): AskedPermissions[] {
  const { region, account } = deployment;
  const group = arnOf(deployment, `ec2:${region}:${account}:security-group/sg-00000000000000000`);
  const cacheGroup = arnOf(deployment, `elasticache:${region}:${account}:securitygroup:doctor`);
  return [
    ...(classic ? [{ actions: [REVOKE_CLASSIC], resource: cacheGroup }] : []),
    ...(rules ? [{ actions: [REVOKE_RULES], resource: group }] : []),
  ];
}

/** Without these Lambda loses an event that failed, or the outcome that people are to get. */
function outcomesOf(deployment: Deployment): AskedPermissions[] {
  const { region, account, stack } = deployment;
  const queue = outputOf(stack, 'DeadLetterQueueUrl').split('/').at(-1);
  return [
    { actions: ['sqs:SendMessage'], resource: arnOf(deployment, `sqs:${region}:${account}:${queue}`) },
    { actions: ['events:PutEvents'], resource: arnOf(deployment, `events:${region}:${account}:event-bus/default`) },
  ];
}

/** Those of these actions that the role may do, or those that it may not. */
async function among(
  { region }: Deployment,
  role: string,
  asked: readonly AskedPermissions[],
  isAllowed: boolean,
): Promise<string[]> {
  const answers = await Promise.all(
    asked.map(async (one) => {
      const allowed = await allowedActions({ region }, role, one);
      return one.actions.filter((action) => allowed.has(action) === isAllowed);
    }),
  );
  return answers.flat();
}
