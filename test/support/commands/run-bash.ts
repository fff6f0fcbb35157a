import { execFile } from 'node:child_process';
import type { Ended } from './run-process.ts';

/** Runs a script as a step of GitHub Actions is run: by bash, which ends at the first command that fails. */
export function runBash(script: string, cwd: string, env: Readonly<Record<string, string>>): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const how = { cwd, env, maxBuffer: 64 * 1024 * 1024 };
    execFile('bash', ['--noprofile', '--norc', '-e', '-o', 'pipefail', '-c', script], how, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : error.code;
      if (typeof exitCode === 'number') resolve({ exitCode, output: stdout + stderr });
      else reject(error);
    });
  });
}
