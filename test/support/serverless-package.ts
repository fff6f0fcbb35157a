import { createRequire } from 'node:module';
import { type Ended, runNode } from './run-process.ts';

/** Runs the real `serverless package` on this checkout. Never two at a time: it writes to the working tree. */
export function runServerlessPackage(
  folder: string,
  environment: Record<string, string> = {},
  options: readonly string[] = [],
): Promise<Ended> {
  const serverless = createRequire(import.meta.url).resolve('serverless/bin/serverless.js');
  return runNode([serverless, 'package', '--package', folder, ...options], environment);
}
