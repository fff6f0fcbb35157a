import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from 'aws-lambda';
import { onTestFinished, vi } from 'vitest';
import type { EventOutcome } from '../../src/enforcement/enforce-event.ts';
import { REGION } from './grants.ts';
import { lambdaContext } from './lambda-context.ts';

/** An entry of the function's log. */
export type LogEntry = Record<string, unknown>;

/** How one invocation ended, and what it printed. */
export interface Invocation {
  readonly result: EventOutcome | undefined;
  readonly error: Error | undefined;
  /** As they reach CloudWatch Logs: every line is an entry of its own. */
  readonly lines: readonly string[];
  readonly decisions: readonly LogEntry[];
  /** The blobs in CloudWatch's embedded metric format. */
  readonly metrics: readonly LogEntry[];
}

export type Invoke = (event: unknown, context?: Partial<Context>) => Promise<Invocation>;

/** The function after a cold start: its module anew, in this environment and no other. Invoked again, it is warm. */
export async function startEnforceIngress(environment: Record<string, string | undefined>): Promise<Invoke> {
  const cleared = Object.keys(process.env).filter((name) => /^(AWS_|INGRESS_GUARD_|POWERTOOLS_)/.test(name));
  for (const name of cleared) vi.stubEnv(name, undefined);
  const all = { AWS_REGION: REGION, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', ...environment };
  for (const [name, value] of Object.entries(all)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.resetModules();
  const { handler } = await import('../../handlers/enforce-ingress.ts');
  return async (event, context) => {
    let result: EventOutcome | undefined;
    let error: Error | undefined;
    const output = captureOutput();
    try {
      result = await handler(event, lambdaContext(context));
    } catch (thrown) {
      error = thrown as Error;
    } finally {
      output.end();
    }
    const entries = output.lines.map((line) => JSON.parse(line) as LogEntry);
    return {
      result,
      error,
      lines: output.lines,
      decisions: entries.filter(({ message }) => message === 'decision'),
      metrics: entries.filter((entry) => '_aws' in entry),
    };
  };
}

/** Takes what the process prints, by line, until `end`. */
function captureOutput(): { readonly lines: readonly string[]; end(): void } {
  const lines: string[] = [];
  const write = ((chunk: string | Uint8Array) => {
    lines.push(...chunk.toString().replace(/\n$/, '').split('\n'));
    return true;
  }) as typeof process.stdout.write;
  const spies = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write').mockImplementation(write));
  return {
    lines,
    end() {
      for (const spy of spies) spy.mockRestore();
    },
  };
}

/** Lets `web` of the account itself in, and nobody else. */
export const ALLOWLIST = `version: 1
rules:
  - id: web-to-sessions
    cacheSecurityGroups: [sessions]
    ec2SecurityGroups: [web]
    ownerIds: [self]
`;

/** A file with an allowlist, gone when the test is over. */
export async function allowlistFile(text = ALLOWLIST): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ingress-guard-allowlist-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'allowlist.yaml');
  await writeFile(file, text);
  return file;
}
