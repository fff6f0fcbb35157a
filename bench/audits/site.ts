// What the benchmarks of audits share: an AWS to audit, in a process of its own; `ingress-guard audit` as it is installed; and the
// program that makes the same calls and does nothing with the answers.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Run, runAndMeasure } from '../../test/support/commands/run-and-measure.ts';
import { installBuilt } from '../../test/support/packaged/installed.ts';
import { REGION } from './account.ts';

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** An AWS to audit. */
export interface Site extends AsyncDisposable {
  readonly url: string;
  /** The calls it got since it was last asked, by operation. */
  takeCalls(): Promise<Readonly<Record<string, number>>>;
  /** From now on it answers each call so many milliseconds later. Only that of one account can. */
  answerAfter(ms: number): void;
}

/** @param program a file of this folder that sends its URL, and then its calls each time it gets a message. */
export async function startSite(program: string, ...argv: readonly (string | number)[]): Promise<Site> {
  const child = fork(file(program), argv.map(String));
  const [url] = (await once(child, 'message')) as [string];
  return {
    url,
    async takeCalls() {
      child.send('calls');
      const [calls] = await once(child, 'message');
      return calls as Record<string, number>;
    },
    answerAfter(ms) {
      child.send(ms);
    },
    async [Symbol.asyncDispose]() {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}

/** The programs that are measured, each in a new process from its start to its end. */
export interface Programs extends AsyncDisposable {
  /** For files of a benchmark. */
  readonly folder: string;
  /** @throws unless it ends with this exit code. */
  ingressGuard(url: string, argv: readonly string[], exitCode: number): Promise<Run>;
  /** @throws unless it ends with 0. */
  bareCalls(url: string, of: 'account' | 'organization'): Promise<Run>;
}

export async function preparePrograms(): Promise<Programs> {
  const installed = await installBuilt();
  const folder = await mkdtemp(join(tmpdir(), 'bench-audits-'));
  const bare = join(folder, 'bare-calls.mjs');
  // As the command is bundled.
  await build({
    entryPoints: [file('bare-calls.ts')],
    outfile: bare,
    bundle: true,
    platform: 'node',
    target: 'node22.17',
    format: 'esm',
    mainFields: ['module', 'main'],
    minifySyntax: true,
    minifyWhitespace: true,
    banner: {
      js: "import { createRequire as ofModule } from 'node:module'; const require = ofModule(import.meta.url);",
    },
  });
  const run = async (program: string, argv: readonly string[], url: string, exitCode: number): Promise<Run> => {
    const ended = await runAndMeasure(program, argv, {
      env: {
        PATH: process.env.PATH,
        AWS_ENDPOINT_URL: url,
        AWS_REGION: REGION,
        AWS_ACCESS_KEY_ID: 'AKIA100000000000',
        AWS_SECRET_ACCESS_KEY: 'test',
      },
    });
    if (ended.exitCode === exitCode) return ended;
    throw new Error(`${[program, ...argv].join(' ')} ended with ${ended.exitCode}, not ${exitCode}: ${ended.said}`);
  };
  return {
    folder,
    ingressGuard: (url, argv, exitCode) => run(installed.command, argv, url, exitCode),
    bareCalls: (url, of) => run(bare, [of], url, 0),
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true });
      await installed[Symbol.asyncDispose]();
    },
  };
}
