import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { runServerlessPackage } from './serverless-package.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder with what `serverless package` made. */
    packageFolder: string;
    /** What it printed. */
    packageOutput: string;
    /** What it left in the temporary directory. */
    leftByPackaging: string[];
  }
}

/**
 * Packages once for every test that looks at the package: `serverless package` writes to the working tree, so that two
 * at a time would spoil each other's work.
 */
export default async function packageOnce(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'ingress-guard-package-'));
  const temporary = join(folder, 'temporary');
  await mkdir(temporary);
  const { exitCode, output } = await runServerlessPackage(join(folder, 'package'), { TMPDIR: temporary });
  if (exitCode !== 0) throw new Error(`serverless package failed:\n${output}`);
  project.provide('packageFolder', join(folder, 'package'));
  project.provide('packageOutput', output);
  project.provide('leftByPackaging', await readdir(temporary));
  return () => rm(folder, { recursive: true, force: true });
}
