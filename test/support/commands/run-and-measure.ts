import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * At its end the process reports the most memory it had, in kilobytes, as the operating system counts it. On Linux not by
 * `maxRSS`: that begins with what its parent had when the process was started.
 */
const REPORT_PEAK = `data:text/javascript,${encodeURIComponent(`
  import { existsSync, readFileSync } from 'node:fs';
  const status = '/proc/self/status';
  const peak = () => existsSync(status) ? Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync(status, 'utf8'))[1]) : process.resourceUsage().maxRSS;
  process.on('exit', () => process.send(peak()));`)}`;

/** What a run of a program came to. */
export interface Run {
  readonly exitCode: number | null;
  /** What it wrote to standard error. */
  readonly said: string;
  /** The most memory that it had, in megabytes, as the operating system counts it. */
  readonly peak: number;
  /** From its start to its end. */
  readonly seconds: number;
}

/**
 * Runs a program of Node in a process, as a user does.
 *
 * @param env if not that of this process.
 * @param onOutput gets what the program writes to standard output.
 */
export async function runAndMeasure(
  program: string,
  argv: readonly string[],
  { env = process.env, onOutput = () => {} }: { env?: NodeJS.ProcessEnv; onOutput?: (chunk: Buffer) => void } = {},
): Promise<Run> {
  const started = performance.now();
  const child = spawn(process.execPath, ['--import', REPORT_PEAK, program, ...argv], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env,
  });
  let said = '';
  let peakKilobytes = Number.NaN;
  child.on('message', (message) => {
    peakKilobytes = message as number;
  });
  child.stderr?.on('data', (text) => {
    said += text;
  });
  child.stdout?.on('data', onOutput);
  const [exitCode] = await once(child, 'close');
  return { exitCode, said, peak: peakKilobytes / 1024, seconds: (performance.now() - started) / 1000 };
}
