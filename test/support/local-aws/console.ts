import { onTestFinished } from 'vitest';
import { localEvaluator } from '../../../src/cli/local-evaluator.ts';
import { startConsole } from '../../../src/local/console/console.ts';
import { drawFaults, NO_FAULTS } from '../../../src/local/faults.ts';
import { type LocalAws, startLocalAws } from '../../../src/local/local-aws.ts';
import { runStack } from '../../../src/local/run-stack.ts';
import { readStack } from '../../../src/local/stack.ts';
import { ACCOUNT, REGION } from '../examples/grants.ts';
import { credentials } from './local-elasticache.ts';

export interface ConsoleOfTest {
  readonly aws: LocalAws;
  /** Ends the console, then the local AWS, as Ctrl-C does. */
  close(): Promise<void>;
}

export interface Deployment {
  /** Without it nothing is deployed, as with `--no-enforcer`. */
  readonly guard?: { readonly mode: 'report-only' | 'enforce'; readonly allowlist: string };
  readonly regions?: readonly string[];
  readonly transitionMs?: number;
  readonly creatingMs?: number;
  readonly vpcOnly?: boolean;
  /** Of a member, `member-1`, of an organization whose hub the account is. Nothing forwards its events. */
  readonly memberId?: string;
  /** Without it, any that is free. */
  readonly port?: number;
  /** Whether events are lost on their way to the functions. */
  readonly dropEvents?: boolean;
}

/** A local AWS with its console page, and the stack of serverless.yml if it is guarded. It ends with the test. */
export async function startGuardedConsole(deployment: Deployment = {}): Promise<ConsoleOfTest> {
  const {
    guard,
    regions = [REGION],
    transitionMs = 50,
    creatingMs = 0,
    vpcOnly = false,
    memberId,
    port = 0,
    dropEvents = false,
  } = deployment;
  const about = { regions, ...(guard && { guard }) };
  const console = startConsole({ about, credentials, settlesAfterMs: [transitionMs, creatingMs] });
  const aws = await startLocalAws({
    port,
    accountId: ACCOUNT,
    regions,
    transitionMs,
    creatingMs,
    vpcOnly,
    ...(memberId !== undefined && {
      organization: {
        managementAccountId: ACCOUNT,
        accounts: [{ accountId: memberId, name: 'member-1' }],
      },
    }),
    credentials,
    ...(dropEvents && { faults: drawFaults({ ...NO_FAULTS, dropEvent: 1 }) }),
    serve: console.serve,
  });
  console.watch(aws, guard && localEvaluator(aws, guard.allowlist));
  const stack =
    guard &&
    runStack(aws, await readStack('serverless.yml'), {
      folder: '.',
      extension: '.ts',
      account: ACCOUNT,
      region: REGION,
      environment: {
        AWS_ENDPOINT_URL_ELASTICACHE: aws.url,
        AWS_ENDPOINT_URL_EC2: aws.url,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        INGRESS_GUARD_MODE: guard.mode,
        INGRESS_GUARD_ALLOWLIST: guard.allowlist,
      },
    });
  const close = async () => {
    console.close();
    await stack?.close();
    await aws.close();
  };
  onTestFinished(close);
  return { aws, close };
}
