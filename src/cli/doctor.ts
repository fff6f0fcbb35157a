import { type Command, Option } from 'commander';
import { listStackResources } from '../aws/cloudformation/read-stack.ts';
import { type DeployedFunction, readFunction } from '../aws/lambda/read-function.ts';
import { MODES, type Mode } from '../enforcement/mode.ts';
import { count } from '../report/wording.ts';
import { findStack, type StackOptions, stackRegion, stackRegionOption, stageOption } from './deployed-stack.ts';
import { checkAccount } from './doctor/account.ts';
import { checkAlarms } from './doctor/alarms.ts';
import { checkAllowlist, type WantedAllowlist } from './doctor/allowlist.ts';
import { type Check, make, type Verdict } from './doctor/check.ts';
import { accountOf, type Deployment } from './doctor/deployment.ts';
import { checkFunctions } from './doctor/functions.ts';
import { checkOrganization } from './doctor/organization.ts';
import { checkQueues } from './doctor/queues.ts';
import { checkRoles } from './doctor/roles.ts';
import { checkRules } from './doctor/rules.ts';
import { checkSignsOfLife } from './doctor/signs-of-life.ts';
import { checkStack } from './doctor/stack.ts';
import { checkSubscriptions } from './doctor/subscriptions.ts';
import { checkTrail } from './doctor/trail.ts';
import { readAllowlist } from './inputs.ts';
import { EXIT, type Io } from './io.ts';
import { oneLine } from './one-line.ts';
import { type Format, formatOption } from './options.ts';
import { painter } from './paint.ts';

interface DoctorOptions extends StackOptions {
  readonly mode?: Mode;
  readonly allowlist?: string;
  readonly format: Format;
}

/** `ingress-guard doctor`: look whether what is deployed can do its work. */
export function doctorCommand(program: Command, io: Io, exit: (code: number) => void): void {
  program
    .command('doctor')
    .description('check whether the deployed stack can work, and show how to fix what is wrong; changes nothing')
    .addOption(stackRegionOption(io))
    .addOption(stageOption())
    .addOption(new Option('--mode <mode>', 'the mode that the functions should be in').choices(MODES))
    .option('--allowlist <file>', 'the allowlist that should be in force')
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
It reads with your own credentials. What it has no permission to read is "unknown", which is not ok.
Exit code: 0 everything is ok, 1 something is wrong or could not be checked, 3 the allowlist of --allowlist is not valid.

Example:
  $ ingress-guard doctor --region eu-west-1 --mode enforce --allowlist allowlist.yaml`,
    )
    .action(async (options: DoctorOptions) => {
      const wanted = options.allowlist === undefined ? undefined : await readWanted(options.allowlist, io);
      const deployment = await readDeployment(options);
      const checks = await examine(deployment, options, wanted, io);
      const verdict = verdictOf(checks);
      io.stdout.write(options.format === 'json' ? toJson(deployment, checks, verdict) : toText(deployment, checks, io));
      exit(verdict === 'ok' ? EXIT.done : EXIT.failed);
    });
}

async function readWanted(file: string, io: Io): Promise<WantedAllowlist> {
  return { file, sha256: (await readAllowlist(file, io)).sha256 };
}

type Found = Omit<Deployment, 'resources'>;

async function readDeployment(options: DoctorOptions): Promise<Found> {
  const region = stackRegion(options);
  const stack = await findStack(options);
  const functions = new Map<string, Promise<DeployedFunction | undefined>>();
  return {
    stack,
    stage: options.stage,
    region,
    account: accountOf(stack),
    readFunction(name) {
      const reading = functions.get(name) ?? readFunction({ region }, name);
      functions.set(name, reading);
      return reading;
    },
  };
}

async function examine(
  found: Found,
  { mode }: DoctorOptions,
  wanted: WantedAllowlist | undefined,
  { environment }: Io,
): Promise<readonly Check[]> {
  const { region, stack } = found;
  const sdkRegion = environment.AWS_REGION || environment.AWS_DEFAULT_REGION;
  const listed = listStackResources({ region }, stack.name);
  // Each check that needs them says that they could not be listed.
  listed.catch(() => {});
  const withResources = async (): Promise<Deployment> => ({ ...found, resources: await listed });
  const deployment = { ...found, resources: [] };
  const checks = await Promise.all(
    [
      { check: 'stack', what: 'the stack', make: () => checkStack(deployment) },
      { check: 'trail', what: `the trails of ${region}`, make: () => checkTrail(deployment) },
      { check: 'rule', what: 'which rules the stack has', make: async () => checkRules(await withResources()) },
      { check: 'function', what: 'the functions', make: () => checkFunctions(deployment, mode) },
      { check: 'allowlist', what: 'the allowlist', make: () => checkAllowlist(deployment, wanted, sdkRegion) },
      { check: 'role', what: 'the roles', make: () => checkRoles(deployment) },
      { check: 'heartbeat', what: 'heartbeats and audits', make: () => checkSignsOfLife(deployment, new Date()) },
      { check: 'queue', what: 'the queues', make: () => checkQueues(deployment) },
      { check: 'alarm', what: 'the alarms', make: async () => checkAlarms(await withResources()) },
      { check: 'subscription', what: 'who gets alarms', make: () => checkSubscriptions(deployment) },
      { check: 'account', what: 'the account', make: () => checkAccount(deployment) },
      { check: 'organization', what: 'the stacks of the accounts', make: () => checkOrganization(deployment) },
    ].map(make),
  );
  return checks.flat();
}

/** The worst of all. */
function verdictOf(checks: readonly Check[]): Verdict {
  return (['wrong', 'unknown'] as const).find((one) => checks.some(({ verdict }) => verdict === one)) ?? 'ok';
}

function toJson({ stack, account, region }: Found, checks: readonly Check[], verdict: Verdict): string {
  return `${JSON.stringify({ schemaVersion: 1, stack: stack.name, account, region, verdict, checks })}\n`;
}

const LOOKS = { ok: 'green', wrong: 'red', unknown: 'yellow' } as const;

/** How much of what AWS answered is shown, in characters. Anyone who may change a function wrote some of it. */
const LONGEST = 2000;

function toText({ stack, account, region }: Found, checks: readonly Check[], io: Io): string {
  const paint = painter(io);
  const lines = checks.map(({ check, verdict, text, fix }) => {
    const line = `${paint(LOOKS[verdict], verdict.padEnd(7))}  ${check.padEnd(12)}  ${oneLine(text, LONGEST)}`;
    return fix === undefined ? line : `${line}\n         fix: ${oneLine(fix, LONGEST)}`;
  });
  return `${stack.name}, account ${account}, ${region}\n\n${lines.join('\n')}\n\n${summary(checks)}\n`;
}

function summary(checks: readonly Check[]): string {
  const of = (wanted: Verdict) => checks.filter(({ verdict }) => verdict === wanted).length;
  const [wrong, unknown] = [of('wrong'), of('unknown')];
  const made = count(checks.length, 'check', 'checks');
  if (wrong + unknown === 0) return `All ok: ${made}.`;
  const parts = [...(wrong > 0 ? [`${wrong} wrong`] : []), ...(unknown > 0 ? [`${unknown} could not be checked`] : [])];
  return `${parts.join(', ')}, of ${made}.`;
}
