import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { EventOutcome } from '../../../src/enforcement/event-outcome.ts';
import { type Invoke, startFunction } from './lambda-function.ts';

/** The function that events invoke, after a cold start in this environment and no other. Invoked again, it is warm. */
export function startEnforceIngress(environment: Record<string, string | undefined>): Promise<Invoke<EventOutcome>> {
  return startFunction(() => import('../../../handlers/enforce-ingress.ts'), environment);
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
