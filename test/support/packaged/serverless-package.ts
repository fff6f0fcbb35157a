import { createRequire } from 'node:module';
import { type Ended, runNode } from '../commands/run-process.ts';

/** Options of `serverless package`: mode enforce, and all that can be switched on. */
export const ENFORCE_WITH_EVERYTHING = [
  '--param=mode=enforce',
  '--param=reportBucket=reports',
  '--param=securityHub=true',
  '--param=alertEmail=oncall@example.com',
  '--param=chat=true',
  '--param=tracing=true',
];

/** Options of `serverless package`: the hub of an organization. */
export const ORGANIZATION = ['--param=organization=o-abcde12345', '--param=organizationalUnits=r-abcd'];

/** Runs the real `serverless package` on a checkout, this one. Never two at a time: it writes to the working tree. */
export function runServerlessPackage(
  folder: string,
  environment: Record<string, string> = {},
  options: readonly string[] = [],
  checkout?: string,
): Promise<Ended> {
  return runServerless(['package', '--package', folder, ...options], environment, checkout);
}

/** Runs the real `serverless` with these arguments. */
export function runServerless(
  args: readonly string[],
  environment: Record<string, string> = {},
  checkout?: string,
): Promise<Ended> {
  const serverless = createRequire(import.meta.url).resolve('serverless/bin/serverless.js');
  return runNode([serverless, ...args], environment, checkout);
}
