import { deployMember, deployTemplate } from './cloudformation/deploy.ts';
import type { ResolvedResource, Template } from './cloudformation/template.ts';
import type { LocalAws } from './local-aws.ts';
import { type HubSettings, logicalId, readHub } from './read-hub.ts';
import { runStack } from './run-stack.ts';
import { type StackStateMachine, toStackFunction, type WrittenFunction, withSubstitutions } from './stack.ts';

/** Where a hub is, and whom it reaches. */
export interface HubPlace {
  /** The folder of `serverless.yml`. */
  readonly folder: string;
  readonly account: string;
  readonly region: string;
  /** Accounts that the StackSet failed in. It never gets to the management account. */
  readonly withoutSpoke?: readonly string[];
}

/** A hub that runs. */
export interface Hub {
  /** The bucket of the runs. */
  readonly bucketName: string;
  /** The names of the state machines: the one that audits, and the one that starts the audit of an hour. */
  readonly audit: string;
  readonly starter: string;
  /** Ends its functions. */
  close(): Promise<void>;
}

/**
 * Deploys the hub of an organization and its members as the files of the stack say: bus, roles, bucket, functions with their environment and
 * role, state machines, and what the StackSet gives to each account.
 *
 * @throws if the stack has what the local AWS cannot make.
 */
export async function deployHub(aws: LocalAws, settings: HubSettings, place: HubPlace): Promise<Hub> {
  const { folder, account, region } = place;
  const { template, functions } = await readHub(folder, settings, region);
  const made = deployTemplate(aws.accounts, template, { stackName: 'hub', account, region });
  const find = (id: string): ResolvedResource => {
    const found = made.find((one) => one.id === id);
    if (found === undefined) throw new Error(`the hub has no ${id}`);
    return found;
  };
  deployMembers(aws, find('Spokes').properties, place);
  const running = Object.entries(functions).map(([name, written]) => {
    const { FunctionName: _, Role, ...properties } = find(logicalId(name)).properties;
    const { Variables } = properties.Environment as Environment;
    const events = properties.Events as NonNullable<WrittenFunction['events']>;
    // The bus of the members, for the functions that have one. Others take what Step Functions puts on the account's own.
    const [eventBusName] = events.flatMap(({ eventBridge }) => eventBridge?.eventBus ?? []);
    const stackFunction = { ...toStackFunction(name, { ...written, events }), ...(eventBusName && { eventBusName }) };
    const environment = { ...Variables, ...signIn(aws, name, String(Role)) };
    return runStack(aws, [stackFunction], { folder, extension: '.ts', account, region, environment });
  });
  const starter = find('AuditStarter');
  // What others call it by.
  const audit = String((starter.properties as unknown as WrittenMachine).DefinitionSubstitutions.AuditStateMachine);
  aws.deployStateMachines([toMachine(find('AuditStateMachine'), audit), toMachine(starter, starter.id)]);
  const { Variables } = find(logicalId('closeRun')).properties.Environment as Environment;
  return {
    bucketName: Variables.INGRESS_GUARD_RUNS_BUCKET ?? '',
    audit,
    starter: starter.id,
    async close() {
      await Promise.all(running.map((one) => one.close()));
    },
  };
}

interface Environment {
  readonly Variables: Readonly<Record<string, string>>;
}

/** AWS::StepFunctions::StateMachine. */
interface WrittenMachine {
  readonly Definition: StackStateMachine['definition'];
  readonly DefinitionSubstitutions: Readonly<Record<string, string>>;
}

/** AWS::CloudFormation::StackSet. */
interface StackSet {
  readonly StackSetName: string;
  readonly TemplateBody: string;
  readonly Parameters: readonly { readonly ParameterKey: string; readonly ParameterValue: string }[];
  readonly StackInstancesGroup: readonly { readonly Regions: readonly string[] }[];
}

function deployMembers({ accounts }: LocalAws, written: unknown, { withoutSpoke = [] }: HubPlace): void {
  const { StackSetName, TemplateBody, Parameters, StackInstancesGroup } = written as StackSet;
  const spokes = {
    stackSetName: StackSetName,
    template: JSON.parse(TemplateBody) as Template,
    parameters: Object.fromEntries(Parameters.map((one) => [one.ParameterKey, one.ParameterValue])),
  };
  const members = accounts.organization?.members.keys() ?? [];
  const without = [...withoutSpoke, accounts.organization?.managementAccountId];
  const regions = StackInstancesGroup.flatMap(({ Regions }) => Regions);
  for (const id of members) if (!without.includes(id)) deployMember(accounts, spokes, id, regions);
}

/** What a function calls the local AWS with: credentials of its own role. */
function signIn(aws: LocalAws, name: string, roleArn: string): Readonly<Record<string, string>> {
  const role = aws.accounts.home.roles.find(roleArn);
  if (role === undefined) throw new Error(`the role of the function ${name} is not there: ${roleArn}`);
  const { accessKeyId, secretAccessKey, sessionToken } = aws.signInAs(role);
  return {
    AWS_ENDPOINT_URL: aws.url,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
    AWS_SDK_UA_APP_ID: name,
  };
}

function toMachine({ properties }: ResolvedResource, name: string): StackStateMachine {
  const { Definition, DefinitionSubstitutions } = properties as unknown as WrittenMachine;
  return { name, definition: withSubstitutions(Definition, DefinitionSubstitutions), startedBy: [] };
}
