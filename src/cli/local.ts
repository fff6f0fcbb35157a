import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Command, Option } from 'commander';
import { readAllowlistFile } from '../allowlist/allowlist-file.ts';
import type { Mode } from '../enforcement/mode.ts';
import { systemClock } from '../local/clock.ts';
import { startConsole } from '../local/console/console.ts';
import { deployStack, roleArnIn } from '../local/deploy-stack.ts';
import { drawFaults, type FaultRates, NO_FAULTS } from '../local/faults.ts';
import { type LocalAws, startLocalAws } from '../local/local-aws.ts';
import { loadedCode, packageRoot } from '../local/package-root.ts';
import { runStack } from '../local/run-stack.ts';
import { readBusSchedules, readCallSchedules, readStack, readStateMachines } from '../local/stack.ts';
import { quoted } from '../report/remedy.ts';
import { CommandError, type Io } from './io.ts';
import { localEvaluator } from './local-evaluator.ts';
import {
  deployOrganization,
  describeAccounts,
  localOrganization,
  ORGANIZATION_ID,
  UNIT,
} from './local-organization.ts';
import { narrate } from './narrate.ts';
import {
  accountId,
  allowlistOption,
  modeOption,
  probability,
  refuseNoRegions,
  regionNames,
  wholeNumber,
} from './options.ts';
import { type Paint, painter } from './paint.ts';
import { openRecords } from './record-local.ts';

interface LocalOptions extends FaultRates {
  readonly port: number;
  readonly region: string[];
  readonly account: string;
  readonly organization: boolean;
  readonly accounts?: number;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly quota: number;
  readonly transitionMs: number;
  readonly creatingMs: number;
  readonly securityGroupRules: number;
  readonly describeLagMs: number;
  readonly allowlist: string;
  readonly mode: Mode;
  readonly enforcer: boolean;
  readonly record?: string;
  readonly decisions?: string;
  readonly auth: boolean;
  readonly vpcOnly: boolean;
  readonly deny: string[];
  readonly speed: number;
  readonly seed: number;
  readonly slowMs: number;
  readonly delayMs: number;
}

/** `ingress-guard local`: the local AWS with Ingress Guard deployed to it, until Ctrl-C. */
export function localCommand(program: Command, io: Io): void {
  program
    .command('local')
    .description('run a local AWS on loopback, with Ingress Guard watching it')
    .option('--port <n>', 'the port to listen on; 0 takes any free one', wholeNumber(0, 65_535), 4566)
    .addOption(
      new Option('--region <name...>', 'the regions of the local AWS').argParser(regionNames()).default(['us-east-1']),
    )
    .option('--account <id>', 'the account of the local AWS', accountId, '123456789012')
    .option('--organization', 'an organization of several accounts, with --account as the hub', false)
    .option(
      '--accounts <n>',
      'how many members the organization has besides its hub (default: 3)',
      wholeNumber(1, 1000),
    )
    .option('--access-key-id <id>', 'the access key whose calls are accepted', 'test')
    .option('--secret-access-key <key>', 'the secret key that signs these calls', 'test')
    .option('--no-auth', 'do not check signatures; calls from web pages are still refused')
    .option('--quota <n>', 'how many cache security groups a region can have', wholeNumber(0, 1_000_000), 50)
    .option(
      '--transition-ms <n>',
      'how many milliseconds a grant is authorizing, and revoking',
      wholeNumber(0, 3_600_000),
      1000,
    )
    .option(
      '--creating-ms <n>',
      'how many milliseconds a cache is creating, and modifying',
      wholeNumber(0, 3_600_000),
      1000,
    )
    .option('--security-group-rules <n>', 'how many rules a VPC security group can have', wholeNumber(1, 1_000_000), 60)
    .option('--describe-lag-ms <n>', 'how many milliseconds late EC2 shows a new rule', wholeNumber(0, 3_600_000), 0)
    .addOption(allowlistOption(io))
    .addOption(modeOption(io))
    .option('--record <file>', 'add the events of calls to this file, for replay')
    .option('--decisions <file>', 'add the decision lines to this file, for undo')
    .option('--no-enforcer', 'only the local AWS, without Ingress Guard')
    .option('--vpc-only', 'answer like an account without EC2-Classic', false)
    .option('--deny <action...>', 'API operations that are denied', [])
    .option('--speed <n>', 'divide the waits of retries and schedules by this number', wholeNumber(1, 1_000_000), 1)
    .optionsGroup('Faults, each a probability from 0 to 1:')
    .option('--throttle <p>', 'answer Throttling', probability, 0)
    .option('--server-error <p>', 'answer 500 or 503', probability, 0)
    .option('--slow <p>', 'answer --slow-ms later', probability, 0)
    .option('--cut-before <p>', 'cut the connection before the call has its effect', probability, 0)
    .option('--cut-after <p>', 'cut the connection after the call has its effect', probability, 0)
    .option('--drop-event <p>', 'lose the event', probability, 0)
    .option('--double-event <p>', 'deliver the event twice', probability, 0)
    .option('--delay-event <p>', 'deliver the event up to --delay-ms later', probability, 0)
    .option('--reorder-event <p>', 'deliver the event after the next one', probability, 0)
    .option('--crash <p>', 'end the function without an answer', probability, 0)
    .option('--time-out <p>', 'give the function less than two seconds', probability, 0)
    .option('--slow-ms <n>', 'how slow a slow answer is', wholeNumber(0, 600_000), NO_FAULTS.slowMs)
    .option('--delay-ms <n>', 'how late a late event is at most', wholeNumber(0, 3_600_000), NO_FAULTS.delayMs)
    .option('--seed <n>', 'the same seed draws the same faults', wholeNumber(0, 2 ** 31 - 1), NO_FAULTS.seed)
    .addHelpText('after', '\nExample:\n  $ ingress-guard local --mode enforce --transition-ms 200')
    .action((options: LocalOptions) => runLocal(options, io));
}

async function runLocal(options: LocalOptions, io: Io): Promise<void> {
  const regions = refuseNoRegions(options.region);
  const { port, account, accessKeyId, secretAccessKey, auth } = options;
  if (options.accounts !== undefined && !options.organization) {
    throw new CommandError('--accounts says how many members an organization has: add --organization');
  }
  // Looked at now, so that a mistake in it is reported at once and not by the first event.
  const sha256 = options.enforcer ? (await readAllowlistFile(options.allowlist)).sha256 : '';
  const records = openRecords(options, io);
  const console = startConsole({
    about: {
      regions,
      ...(options.enforcer && { guard: { mode: options.mode, allowlist: options.allowlist } }),
    },
    credentials: { accessKeyId, secretAccessKey },
    settlesAfterMs: [options.transitionMs, options.creatingMs],
  });
  const aws = await startLocalAws(
    {
      port,
      accountId: account,
      regions,
      ...(options.organization && { organization: localOrganization(account, options.accounts ?? 3) }),
      transitionMs: options.transitionMs,
      creatingMs: options.creatingMs,
      quota: options.quota,
      rulesPerSecurityGroup: options.securityGroupRules,
      describeLagMs: options.describeLagMs,
      ...(auth && { credentials: { accessKeyId, secretAccessKey } }),
      vpcOnly: options.vpcOnly,
      deniedActions: options.deny,
      faults: drawFaults(options),
      serve: console.serve,
    },
    systemClock(options.speed),
  ).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'EADDRINUSE' ? 'is in use' : `cannot be listened on (${error.code ?? error.message})`;
    throw new CommandError(`port ${port} ${why}: choose another with --port, or 0 for any`, { cause: error });
  });
  console.watch(aws, options.enforcer ? localEvaluator(aws, options.allowlist) : undefined);
  records.follow(aws);
  narrate(aws, io);
  let stack: RunningStack | undefined;
  try {
    if (options.enforcer) stack = await deploy(aws, options, sha256);
    io.stdout.write(`ready ${aws.url}\n`);
    io.stderr.write(`${welcome(aws, options, painter(io, 'stderr'))}\n`);
    if (!io.interrupted.aborted) await once(io.interrupted, 'abort');
  } finally {
    console.close();
    await stack?.close();
    await aws.close();
    records.close();
  }
}

type RunningStack = ReturnType<typeof runStack>;

async function deploy(aws: LocalAws, options: LocalOptions, allowlistSha256: string): Promise<RunningStack> {
  const file = fileURLToPath(new URL('serverless.yml', packageRoot()));
  const { account } = options;
  const region = options.region[0] as string;
  const hub = options.organization
    ? deployOrganization(aws, { account, region }, { regions: options.region, enforces: options.mode === 'enforce' })
    : undefined;
  const stack = (await readStack(file)).map((one) =>
    hub === undefined ? one : { ...one, eventBusName: hub.eventBusName },
  );
  const deployed = await deployStack(aws.accounts, {
    folder: fileURLToPath(packageRoot()),
    account,
    region,
    stage: 'local',
    settings: {
      mode: options.mode,
      allowlistSha256,
      regions: options.region.join(','),
      ...(options.organization && { organization: ORGANIZATION_ID, organizationalUnits: UNIT }),
    },
  });
  aws.schedule(await readBusSchedules(file, { account, region }));
  aws.scheduleCalls(
    (await readCallSchedules(file)).map((schedule) => ({
      ...schedule,
      roleArn: roleArnIn(deployed, schedule.role, account),
    })),
  );
  aws.deployStateMachines(await readStateMachines(file, { account, region }));
  const code = loadedCode();
  return runStack(aws, stack, {
    folder: fileURLToPath(code.folder),
    extension: code.extension,
    account,
    region,
    environment: {
      AWS_ENDPOINT_URL_ELASTICACHE: aws.url,
      AWS_ENDPOINT_URL_EC2: aws.url,
      AWS_ACCESS_KEY_ID: options.accessKeyId,
      AWS_SECRET_ACCESS_KEY: options.secretAccessKey,
      INGRESS_GUARD_ALLOWLIST: options.allowlist,
      INGRESS_GUARD_MODE: options.mode,
      INGRESS_GUARD_REGIONS: options.region.join(','),
      ...hub?.environment,
    },
  });
}

function welcome(
  aws: LocalAws,
  { account, region, organization, accessKeyId, secretAccessKey, mode, allowlist, enforcer, creatingMs }: LocalOptions,
  paint: Paint,
): string {
  const cache = '--cache-cluster-id sessions';
  const slow = creatingMs > 5000 ? ` # takes ${Math.ceil(creatingMs / 1000)} s (--creating-ms)` : '';
  return `
${paint('bold', 'The local AWS is ready.')} Look at it: ${aws.url}/ . Ctrl-C ends it.
Account ${account}, region ${region.join(', ')}. ${enforcer ? `Ingress Guard watches: mode ${mode}, allowlist ${allowlist}.` : 'Without Ingress Guard.'}

Try it in another terminal. ${whatComesOfIt(enforcer, mode)}

  unset AWS_PROFILE AWS_REGION AWS_SESSION_TOKEN
  export AWS_ENDPOINT_URL=${aws.url}
  export AWS_DEFAULT_REGION=${region[0]} AWS_ACCESS_KEY_ID=${quoted(accessKeyId)} AWS_SECRET_ACCESS_KEY=${quoted(secretAccessKey)}
  aws elasticache create-cache-cluster ${cache} --engine redis --num-cache-nodes 1 --cache-node-type cache.t4g.micro
  aws elasticache wait cache-cluster-available ${cache}${slow}
  aws ec2 authorize-security-group-ingress --group-name default --protocol tcp --port 6379 --cidr 0.0.0.0/0
  aws ec2 describe-security-group-rules
${enforcer && mode !== 'enforce' ? `  npx --no -- ingress-guard audit --mode enforce --yes --allowlist ${quoted(allowlist)}\n` : ''}${organization ? organizationHelp(aws) : ''}`;
}

/** What a person sees here after the commands that open a cache to everyone. */
function whatComesOfIt(enforcer: boolean, mode: Mode): string {
  if (!enforcer) return 'What is opened stays open.';
  return mode === 'enforce'
    ? 'It opens a cache to 0.0.0.0/0, and ends here as "revoked".'
    : 'It opens a cache to 0.0.0.0/0, which is reported here as "would-revoke". The audit then ends as "revoked".';
}

function organizationHelp(aws: LocalAws): string {
  return `
The accounts of the organization, each with the key of its user:

${describeAccounts(aws)}

  aws organizations list-accounts
`;
}
