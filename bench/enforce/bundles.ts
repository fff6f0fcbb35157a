// What the benchmarks of functions need: the functions as they are deployed, handlers to compare them with, and processes to run
// either in.
import { fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';
import { parse } from 'yaml';
import { REGION } from '../../test/support/examples/grants.ts';
import { runServerlessPackage } from '../../test/support/packaged/serverless-package.ts';
import { unzip } from '../../test/support/packaged/unzip.ts';
import { HEAP_AS_IN_LAMBDA } from './memory.ts';
import type { Measured, Task } from './run.ts';
import { toldBy } from './told-by.ts';

/** Makes the functions as they are deployed; `unpack` gives the file of one of them. */
export async function packageFunctions(folder: string) {
  const { exitCode, output } = await runServerlessPackage(join(folder, 'package'));
  if (exitCode !== 0) throw new Error(`serverless package failed: ${output}`);
  return {
    zip: (name: string): string => join(folder, `package/${name}.zip`),
    async unpack(name: string, handler: string): Promise<string> {
      await unzip(join(folder, `package/${name}.zip`), join(folder, name));
      return join(folder, name, `handlers/${handler}.mjs`);
    },
  };
}

/** Bundles files of this folder with the options of esbuild that the functions are bundled with, but for their plugins. */
export async function bundle(
  folder: string,
  names: readonly string[],
  into: string,
  changes: BuildOptions = {},
): Promise<string[]> {
  const { custom } = parse(await readFile('serverless.yml', 'utf8'), { logLevel: 'silent' });
  const { exclude: _, skipRebuild: __, outputFileExtension, plugins: ___, ...options } = custom.esbuild;
  // Apart, because our plugins name the parts of a bundle after its one entry point.
  for (const name of names) {
    await build({
      ...options,
      platform: 'node',
      outExtension: { '.js': outputFileExtension },
      entryPoints: [fileURLToPath(new URL(`${name}.ts`, import.meta.url))],
      outdir: join(folder, into, name),
      ...changes,
    });
  }
  return names.map((name) => join(folder, into, name, `${name}${outputFileExtension}`));
}

/** Runs tasks, each in a new process, with an endpoint in the place of AWS. */
export async function taskRunner(folder: string, url: string): Promise<(task: Task) => Promise<Measured>> {
  const [program = ''] = await bundle(folder, ['run'], 'run');
  return async (task) => {
    const child = fork(program, {
      execArgv: task.kind === 'memory' ? HEAP_AS_IN_LAMBDA : [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: {
        PATH: process.env.PATH,
        AWS_REGION: REGION,
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        AWS_ENDPOINT_URL_EC2: url,
        AWS_ENDPOINT_URL_ELASTICACHE: url,
        INGRESS_GUARD_MODE: 'enforce',
      },
    });
    child.send(task);
    const { message, said } = await toldBy<Measured>(child);
    if (message === undefined) throw new Error(`${JSON.stringify(task)} did not do its work: ${said}`);
    return message;
  };
}
