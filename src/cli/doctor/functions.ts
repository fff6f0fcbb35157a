import { MODES, type Mode } from '../../enforcement/mode.ts';
import { quote } from '../../policy/quote.ts';
import { type Check, make, ok, wrong } from './check.ts';
import { type Deployment, deployCommand, functionsOf, makeAgain } from './deployment.ts';

const CHECK = 'function';

/** Whether each function is there, can run, and acts in the mode that is wanted. */
export async function checkFunctions(deployment: Deployment, wanted: Mode | undefined): Promise<readonly Check[]> {
  const checks = await Promise.all(
    functionsOf(deployment).map(({ id, name }) =>
      make({ check: CHECK, what: `function ${name}`, make: () => checkOne(deployment, id, name) }),
    ),
  );
  return [
    ...checkNames(deployment),
    ...checks.flat(),
    ...(await make({ check: 'mode', what: 'the mode', make: () => checkMode(deployment, wanted) })),
  ];
}

/** The functions of every stack. */
const ALWAYS = ['EnforceIngress', 'EnforceSecurityGroup', 'AuditGrants'];

/** What the stack does not name is looked at nowhere, and must not be missing in silence. */
function checkNames(deployment: Deployment): Check[] {
  const named = functionsOf(deployment).map(({ id }) => id);
  return ALWAYS.filter((id) => !named.includes(id)).map((id) => ({
    check: CHECK,
    verdict: 'unknown',
    text: `${id} was not checked: the stack has no output ${id}FunctionName`,
    fix: deployCommand(deployment),
  }));
}

async function checkOne(deployment: Deployment, id: string, name: string): Promise<Check[]> {
  const found = await deployment.readFunction(name);
  if (found === undefined) {
    return [wrong(CHECK, `${id} (${name}) is not there: someone deleted it`, makeAgain(deployment))];
  }
  if (found.reservedConcurrency === 0) {
    return [
      wrong(
        CHECK,
        `${name} is throttled to zero: it never runs`,
        `aws lambda delete-function-concurrency --function-name ${name} --region ${deployment.region}`,
      ),
    ];
  }
  // A function that no one invoked for long is Inactive, and wakes with the next event (AWS Lambda Developer Guide, "Lambda function states").
  if (found.state !== 'Active' && found.state !== 'Inactive') {
    return [wrong(CHECK, `${name} is ${found.state}: it cannot run`, deployCommand(deployment))];
  }
  return [ok(CHECK, `${name} is there, and is not throttled to zero`)];
}

/** All functions act in one mode: one that is changed alone leaves grants that the others would revoke. */
async function checkMode(deployment: Deployment, wanted: Mode | undefined): Promise<Check[]> {
  const modes = new Map<string, string[]>();
  for (const { name } of functionsOf(deployment)) {
    const found = await deployment.readFunction(name);
    if (found === undefined) continue;
    const mode = found.environment.INGRESS_GUARD_MODE ?? '';
    modes.set(mode, [...(modes.get(mode) ?? []), name]);
  }
  const fix = `${deployCommand(deployment)} --param="mode=${wanted ?? 'MODE'}"`;
  const [only, ...others] = modes.keys();
  if (only === undefined) return [];
  if (others.length > 0) {
    const each = [...modes].map(([mode, names]) => `${quote(mode)} in ${names.join(', ')}`).join('; ');
    return [wrong('mode', `the functions differ: ${each}`, fix)];
  }
  if (!(MODES as readonly string[]).includes(only)) {
    return [wrong('mode', `${quote(only)} is neither ${MODES.join(' nor ')}: no function runs`, fix)];
  }
  if (wanted !== undefined && only !== wanted) return [wrong('mode', `it is ${only}, and should be ${wanted}`, fix)];
  return [ok('mode', `${only} in every function`)];
}
