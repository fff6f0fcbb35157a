import { Option } from 'commander';
import { type DeployedStack, readStack, stackNameOf } from '../aws/cloudformation/read-stack.ts';
import { quote } from '../policy/quote.ts';
import { isRegion } from '../policy/written.ts';
import { CommandError, type Io } from './io.ts';
import { oneLine } from './one-line.ts';

/** Which deployment a command is about. */
export interface StackOptions {
  readonly region?: string;
  readonly stage: string;
}

/** `--region`, else AWS_REGION, else AWS_DEFAULT_REGION: where the stack is. */
export function stackRegionOption({ environment }: Io): Option {
  const region = environment.AWS_REGION || environment.AWS_DEFAULT_REGION;
  const option = new Option('--region <name>', 'the region of the stack (AWS_REGION)');
  return region ? option.default(region) : option;
}

/** `--stage`, else prod, as in serverless.yml. */
export function stageOption(): Option {
  return new Option('--stage <name>', 'the stage of the stack').default('prod');
}

/** @throws {CommandError} if no region is named, or what is named is none. */
export function stackRegion({ region }: StackOptions): string {
  if (region === undefined) throw new CommandError('which region? Add --region, or set AWS_REGION');
  if (isRegion(region)) return region;
  throw new CommandError(`${quote(region)} is not the name of a region, such as us-east-1`);
}

/**
 * Finds the stack of a stage, for a command that works with what is deployed.
 *
 * @throws {CommandError} if there is none, or CloudFormation does not say. It says what to do next.
 */
export async function findStack(options: StackOptions, abortSignal?: AbortSignal): Promise<DeployedStack> {
  const region = stackRegion(options);
  const name = stackNameOf(options.stage);
  const stack = await readStack({ region }, name, abortSignal).catch((error: Error) => {
    const why = oneLine(`${error.name}: ${error.message}`, 300);
    throw new CommandError(`CloudFormation in ${region} did not describe stack ${name}: ${why}`, { cause: error });
  });
  if (stack !== undefined) return stack;
  throw new CommandError(
    `there is no stack ${name} in ${region}: choose another with --stage and --region, or deploy it with npx serverless deploy --stage ${options.stage} --region ${region}`,
  );
}

/** Whether the last deployment of a stack went through, by the status of the stack. */
export function isDeployed(status: string): boolean {
  return /^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(status);
}

/**
 * An output of a stack, by its name in stack/outputs.yml.
 *
 * @throws {CommandError} if the stack does not have it: an older version deployed it.
 */
export function outputOf({ name, outputs }: DeployedStack, output: string): string {
  const value = Object.hasOwn(outputs, output) ? outputs[output] : undefined;
  if (value) return value;
  throw new CommandError(`stack ${name} has no output ${output}: deploy this version of Ingress Guard`);
}
