import { onTestFinished } from 'vitest';
import { startConsole } from '../../../src/local/console/console.ts';
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
}

/** A local AWS with its console page, and the stack of serverless.yml if it is guarded. It ends with the test. */
export async function startGuardedConsole(deployment: Deployment = {}): Promise<ConsoleOfTest> {
  const { guard, regions = [REGION], transitionMs = 50 } = deployment;
  const about = { account: ACCOUNT, regions, ...(guard && { guard }) };
  const console = startConsole({ about, credentials, transitionMs });
  const aws = await startLocalAws({
    port: 0,
    accountId: ACCOUNT,
    regions,
    transitionMs,
    credentials,
    serve: console.serve,
  });
  console.watch(aws);
  const stack =
    guard &&
    runStack(aws, await readStack('serverless.yml'), {
      folder: '.',
      extension: '.ts',
      account: ACCOUNT,
      region: REGION,
      environment: {
        AWS_ENDPOINT_URL_ELASTICACHE: aws.url,
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
