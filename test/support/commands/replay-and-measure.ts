import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * At its end the process tells us the most memory it had, in kilobytes, as the operating system counts it. On Linux not by
 * `maxRSS`: that begins with what its parent, we, had when it was started.
 */
const TELL_PEAK = `data:text/javascript,${encodeURIComponent(`
  import { existsSync, readFileSync } from 'node:fs';
  const status = '/proc/self/status';
  const peak = () => existsSync(status) ? Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync(status, 'utf8'))[1]) : process.resourceUsage().maxRSS;
  process.on('exit', () => process.send(peak()));`)}`;

/** Replays a file as a user does, with the command as it is installed, and counts the lines of the answer. */
export async function replayAndMeasure(command: string, file: string, allowlist: string) {
  const argv = ['replay', file, '--allowlist', allowlist, '--format', 'json'];
  const started = performance.now();
  const child = spawn(process.execPath, ['--import', TELL_PEAK, command, ...argv], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let results = 0;
  let said = '';
  let peakKilobytes = Number.NaN;
  child.on('message', (message) => {
    peakKilobytes = message as number;
  });
  child.stderr?.on('data', (text) => {
    said += text;
  });
  child.stdout?.on('data', (chunk: Buffer) => {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) results++;
  });
  const [exitCode] = await once(child, 'close');
  return { exitCode, results, said, peak: peakKilobytes / 1024, seconds: (performance.now() - started) / 1000 };
}
