import { execFile } from 'node:child_process';

export interface Ended {
  readonly exitCode: number;
  /** What it wrote to stdout and stderr. */
  readonly output: string;
}

/**
 * Runs a Node program and waits for its end, or ends it after some milliseconds. It sees none of our own AWS, guard or test
 * settings, only `environment`.
 */
export function runNode(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  cwd = process.cwd(),
  timeout = 50_000,
): Promise<Ended> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(AWS_|INGRESS_GUARD_|VITEST|NODE_)/.test(name));
  const env = { ...Object.fromEntries(inherited), ...environment };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd, env, timeout, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : error.code;
      if (typeof exitCode === 'number') resolve({ exitCode, output: stdout + stderr });
      else reject(error);
    });
  });
}
