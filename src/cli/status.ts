import type { Command } from 'commander';
import { isDeployed, type StackOptions, stackRegionOption, stageOption } from './deployed-stack.ts';
import { EXIT, type Io } from './io.ts';
import { type Format, formatOption } from './options.ts';
import { readStatus, type Status, type Values } from './status-read.ts';
import { statusText } from './status-text.ts';

interface StatusOptions extends StackOptions {
  readonly format: Format;
}

/** `ingress-guard status`: what is deployed, and what happened in a day. */
export function statusCommand(program: Command, io: Io, exit: (code: number) => void): void {
  program
    .command('status')
    .description('show what is deployed, and what happened in the last day; changes nothing')
    .addOption(stackRegionOption(io))
    .addOption(stageOption())
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
It reads with your own credentials. What it could not read is listed as not known.
Exit code: 0 everything was read and nothing needs you, 1 something could not be read, 2 a grant is held, failed or rejected, an alarm is on,
heartbeats or audits are missing, or the last deployment failed or is not over.

Example:
  $ ingress-guard status --region eu-west-1`,
    )
    .action(async (options: StatusOptions) => {
      const status = await readStatus(options);
      io.stdout.write(options.format === 'json' ? toJson(status) : statusText(status, io));
      exit(exitCodeOf(status));
    });
}

function exitCodeOf({ stack, unknown, alarms, decided, signsOfLife }: Status): number {
  if (unknown.length > 0) return EXIT.failed;
  const isAlive = Object.values(signsOfLife ?? {}).every((count) => count > 0);
  const needsSomeone =
    !isDeployed(stack.status) || !isAlive || (alarms?.on.length ?? 0) > 0 || (decided?.standing.length ?? 0) > 0;
  return needsSomeone ? EXIT.disallowed : EXIT.done;
}

/** The names of its members are kept to; others may be added. */
function toJson({ modes, allowlists, regions, decided, ...status }: Status): string {
  const values = (all: Values | undefined) => all && Object.fromEntries(all);
  const { standing, exposure } = decided ?? {};
  const document = {
    schemaVersion: 1,
    ...status,
    modes: values(modes),
    allowlists: values(allowlists),
    regions: values(regions),
    standing,
    exposureMs: exposure,
  };
  return `${JSON.stringify(document)}\n`;
}
