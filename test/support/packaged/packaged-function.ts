import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';
import { sampleEvent } from '../../events/sample-events.ts';
import { runNode } from '../commands/run-process.ts';
import { ACCOUNT, REGION } from '../examples/grants.ts';
import { ALLOWLIST } from '../functions/enforce-ingress-function.ts';
import { readZip, unzip } from './unzip.ts';

/** An allowlist that also allows what JUDGING is about. */
export const STRANGERS_TOO = ALLOWLIST.replace('self', '"*"');

/** For each client that reads an allowlist, a text that only it has and that minifying keeps, and where that is. */
export const CLIENTS = {
  SSM: ['AmazonSSM', 'client-ssm/dist-es/runtimeConfig.shared.js'],
  AppConfig: ['configurationsessions', 'client-appconfigdata/dist-es/schemas/schemas_0.js'],
} as const;

export const JUDGING = { handler: 'enforce-ingress', event: sampleEvent('authorize-ingress') };

/** Runs a packaged function once, in a folder with nothing else, in a process of its own; gives all it printed. */
export async function invokePackaged(
  zip: string,
  environment: Record<string, string>,
  { handler, event, without }: { handler: string; event: unknown; without?: string } = JUDGING,
): Promise<string> {
  const unpacked = await mkdtemp(join(tmpdir(), 'ingress-guard-unpacked-'));
  onTestFinished(() => rm(unpacked, { recursive: true, force: true }));
  await unzip(zip, unpacked);
  if (without !== undefined) {
    for (const [file, contents] of await readZip(zip)) if (contents.includes(without)) await rm(join(unpacked, file));
  }
  const program = `
    const { handler } = await import(${JSON.stringify(pathToFileURL(join(unpacked, `handlers/${handler}.mjs`)))});
    const invokedFunctionArn = 'arn:aws:lambda:${REGION}:${ACCOUNT}:function:it';
    const context = { invokedFunctionArn, getRemainingTimeInMillis: () => 50_000 };
    await handler(${JSON.stringify(event)}, context).catch(() => {});`;
  const aws = { AWS_REGION: REGION, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
  const { output } = await runNode(['--input-type=module', '-e', program], { ...aws, ...environment });
  return output;
}
