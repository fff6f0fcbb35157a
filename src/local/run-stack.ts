import { resolve } from 'node:path';
import type { AtTimeOut } from './lambda-environment.ts';
import { type LambdaEnvironments, startLambdaEnvironments } from './lambda-environments.ts';
import type { LocalAws } from './local-aws.ts';
import type { StackFunction } from './stack.ts';

/** Where the code of a stack is, and what it is given. */
export interface StackCode {
  /** The folder that the handlers in `serverless.yml` are relative to. */
  readonly folder: string;
  /** `.ts` for sources, `.mjs` for bundles. */
  readonly extension: string;
  readonly account: string;
  readonly region: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What happens to an environment whose time is up; `kill` if not given. */
  readonly atTimeOut?: AtTimeOut;
}

/** Deploys the functions of a stack to a local AWS, each in separate environments. `close` ends them. */
export function runStack(aws: LocalAws, stack: readonly StackFunction[], code: StackCode): { close(): Promise<void> } {
  const running: LambdaEnvironments[] = [];
  for (const stackFunction of stack) {
    const { name, handler, timeoutSeconds } = stackFunction;
    const dot = handler.lastIndexOf('.');
    const environments = startLambdaEnvironments(
      {
        name,
        file: resolve(code.folder, `${handler.slice(0, dot)}${code.extension}`),
        exportName: handler.slice(dot + 1),
        timeoutMs: timeoutSeconds * 1000,
        atTimeOut: code.atTimeOut ?? 'kill',
        environment: code.environment,
        account: code.account,
        region: code.region,
      },
      (line) => aws.events.emit('output', { functionName: name, line }),
    );
    running.push(environments);
    aws.deploy([{ ...stackFunction, invoke: environments.invoke }]);
  }
  return {
    async close() {
      await Promise.all(running.map((environments) => environments.close()));
    },
  };
}
