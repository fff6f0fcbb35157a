import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { REGION } from '../examples/grants.ts';
import { credentials } from '../local-aws/local-elasticache.ts';

/** As Lambda sizes the heap of a function with 512 MB. See `bench/enforce/memory.ts`. */
const HEAP_OF_512_MB = ['--max-semi-space-size=25', '--max-old-space-size=461'];

const fileOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Invokes a handler in a process with the memory of a Lambda of 512 MB, and counts the decision lines by outcome. */
export async function invokeAndMeasure(
  handler: 'close-run' | 'enforce-security-group',
  event: unknown,
  environment: Readonly<Record<string, string>>,
) {
  const child = spawn(
    process.execPath,
    [...HEAP_OF_512_MB, fileOf('invoke-once.ts'), fileOf(`../../../handlers/${handler}.ts`)],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        AWS_REGION: REGION,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        ...environment,
      },
    },
  );
  child.stdin.end(JSON.stringify(event));
  const lines: Record<string, number> = {};
  let [rest, complained] = ['', ''];
  const take = (line: string): void => {
    const outcome =
      /"message":"decision".*?"outcome":"([a-z-]+)"/.exec(line)?.[1] ??
      /"outcome":"([a-z-]+)".*"message":"decision"/.exec(line)?.[1];
    if (outcome !== undefined) lines[outcome] = (lines[outcome] ?? 0) + 1;
  };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const all = (rest + chunk).split('\n');
    rest = all.pop() ?? '';
    for (const line of all) take(line);
    if (all.length > 0) last = all.at(-1) ?? '';
  });
  let last = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    complained += chunk;
  });
  const [exitCode, signal] = await once(child, 'close');
  const ended = exitCode === 0 ? JSON.parse(last) : {};
  return { exitCode: exitCode ?? signal, lines, complained, ...ended } as {
    /** The signal that ended it, if one did. */
    readonly exitCode: number | string;
    readonly lines: Readonly<Record<string, number>>;
    readonly complained: string;
    readonly peakMegabytes?: number;
    readonly outcome?: { readonly outcome?: string; readonly grantsLeftOut?: number; readonly counts?: object };
  };
}
