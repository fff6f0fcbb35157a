import { execFile } from 'node:child_process';

export interface Ended {
  readonly exitCode: number;
  /** What it wrote to stdout and stderr. */
  readonly output: string;
}

/** In milliseconds, and only for what hangs: packaging takes ten seconds on an idle machine, and took eight minutes on a busy one. */
const ENDED_AFTER = 590_000;

/**
 * Runs a Node program and waits for its end. It sees none of our own AWS, guard or test settings, only `environment`.
 */
export function runNode(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  cwd = process.cwd(),
): Promise<Ended> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(AWS_|INGRESS_GUARD_|VITEST|NODE_)/.test(name));
  const env = { ...Object.fromEntries(inherited), ...environment };
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      args,
      { cwd, env, timeout: ENDED_AFTER, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : error.code;
        if (typeof exitCode === 'number') resolve({ exitCode, output: stdout + stderr });
        else reject(error);
      },
    );
  });
}
