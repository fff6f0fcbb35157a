import { fileURLToPath } from 'node:url';
import type { StackResource } from '../../aws/cloudformation/read-stack.ts';
import { type EventRule, readRule } from '../../aws/eventbridge/read-rule.ts';
import { rulesThatMayInvoke } from '../../aws/lambda/read-function.ts';
import { packageRoot } from '../../local/package-root.ts';
import { readStack } from '../../local/stack.ts';
import { type Check, make, ok, unknown, wrong } from './check.ts';
import { type Deployment, deployCommand, functionsOf, isHub, makeAgain } from './deployment.ts';

const CHECK = 'rule';

/** A rule of the stack, and what EventBridge says of it. */
interface FoundRule {
  readonly logicalId: string;
  readonly name: string;
  /** Not there for the default bus. */
  readonly bus?: string;
  /** `undefined` if it was deleted. */
  readonly found: EventRule | undefined;
}

/**
 * Whether the rules are there, enabled and as they were deployed, and may invoke their functions. The rules that watch are found by
 * what they invoke, so that one which no longer does is noticed.
 */
export async function checkRules(deployment: Deployment): Promise<readonly Check[]> {
  const resources = deployment.resources.filter(({ type }) => type === 'AWS::Events::Rule');
  const all = await Promise.all(resources.map((resource) => read(deployment, resource)));
  const unread = all.flatMap((one) => ('check' in one ? [one] : []));
  const rules = all.flatMap((one) => ('check' in one ? [] : [one]));
  const watching = await checkWatching(deployment, rules, unread.length > 0);
  const checks = rules.flatMap((rule) => checkOne(deployment, rule));
  return [
    ...unread,
    ...checks.filter(({ verdict }) => verdict !== 'ok'),
    ...watching,
    ...checks.filter(({ verdict }) => verdict === 'ok'),
  ];
}

async function read({ region }: Deployment, { logicalId, physicalId }: StackResource): Promise<FoundRule | Check> {
  // Of another bus than the default, CloudFormation puts the bus before the name.
  const [name = '', bus] = physicalId.split('|').reverse();
  try {
    return { logicalId, name, ...(bus && { bus }), found: await readRule({ region }, name, undefined, bus) };
  } catch (error) {
    return unknown(CHECK, `rule ${logicalId}`, error);
  }
}

/** The schedule of one account's audits is off in a hub: audits of the organization are started in another way. */
function isOffByDesign(deployment: Deployment, { name }: FoundRule): boolean {
  return isHub(deployment) && name === deployment.stack.outputs.AuditScheduleRuleName;
}

function checkOne(deployment: Deployment, rule: FoundRule): Check[] {
  const { logicalId, name, bus, found } = rule;
  if (found === undefined) {
    return [wrong(CHECK, `${logicalId} (${name}) is not there: someone deleted it`, makeAgain(deployment))];
  }
  if (!found.isEnabled && !isOffByDesign(deployment, rule)) {
    const ofBus = bus === undefined ? '' : ` --event-bus-name ${bus}`;
    return [
      wrong(
        CHECK,
        `${logicalId} (${name}) is disabled: nothing goes this way`,
        `aws events enable-rule --name ${name}${ofBus} --region ${deployment.region}`,
      ),
    ];
  }
  if (found.targets.length + found.targetsOfOtherInput.length === 0) {
    return [wrong(CHECK, `${logicalId} (${name}) has no target: what it takes goes nowhere`, makeAgain(deployment))];
  }
  return [ok(CHECK, `${logicalId} is there${found.isEnabled ? ' and enabled' : ', and off as it should be in a hub'}`)];
}

/** Which rule brings each of these functions what, and whether it may. */
const WATCHING = {
  EnforceIngress: 'enforceIngress',
  EnforceSecurityGroup: 'enforceSecurityGroup',
  AuditGrants: 'auditGrants',
};

async function checkWatching(
  deployment: Deployment,
  rules: readonly FoundRule[],
  isIncomplete: boolean,
): Promise<Check[]> {
  const written = await readStack(fileURLToPath(new URL('serverless.yml', packageRoot())));
  const checks = await Promise.all(
    functionsOf(deployment).map(({ id, name }) =>
      make({
        check: CHECK,
        what: `who may invoke ${name}`,
        async make() {
          const expected = written.find((one) => one.name === WATCHING[id as keyof typeof WATCHING]);
          const invoked = await deployment.readFunction(name);
          // Of a function that is not there, its own check speaks. Of an organization, others start some.
          if (expected === undefined || invoked === undefined) return [];
          const [rule] = rules.filter(({ found }) => found?.targets.includes(invoked.arn));
          if (rule?.found === undefined) {
            const [altered] = rules.filter(({ found }) => found?.targetsOfOtherInput.includes(invoked.arn));
            if (altered !== undefined) {
              const what = `${altered.logicalId} (${altered.name}) gives ${name} something else in place of the event`;
              return [wrong(CHECK, `${what}: someone changed its target`, makeAgain(deployment))];
            }
            // One of the rules that could not be read may be it.
            if (isIncomplete) return [];
            return [wrong(CHECK, `no rule of the stack invokes ${name}`, makeAgain(deployment))];
          }
          return [
            ...checkPattern(deployment, rule, rule.found, expected.eventPatterns),
            ...checkPermission(
              deployment,
              rule,
              rule.found,
              name,
              await rulesThatMayInvoke({ region: deployment.region }, name),
            ),
          ];
        },
      }),
    ),
  );
  return checks.flat();
}

function checkPattern(
  deployment: Deployment,
  { logicalId, name }: FoundRule,
  { pattern }: EventRule,
  [expected]: readonly object[],
): Check[] {
  if (expected === undefined || sorted(JSON.parse(pattern ?? '{}')) === sorted(expected)) return [];
  return [
    wrong(
      CHECK,
      `${logicalId} (${name}) takes other events than this version of Ingress Guard deploys: someone changed it, or another version is deployed`,
      `${deployCommand(deployment)}; if it stays, ${makeAgain(deployment)}`,
    ),
  ];
}

/** JSON in which the order of keys says nothing. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}

function checkPermission(
  { region }: Deployment,
  { name }: FoundRule,
  { arn }: EventRule,
  functionName: string,
  mayInvoke: readonly string[],
): Check[] {
  const isAllowed = mayInvoke.some((pattern) => {
    const expression = pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.');
    return new RegExp(`^${expression}$`).test(arn);
  });
  if (isAllowed) return [ok(CHECK, `${name} invokes ${functionName}, with permission`)];
  return [
    wrong(
      CHECK,
      `${name} has no permission to invoke ${functionName}`,
      `aws lambda add-permission --function-name ${functionName} --statement-id ingress-guard-rule --action lambda:InvokeFunction --principal events.amazonaws.com --source-arn ${arn} --region ${region}`,
    ),
  ];
}
