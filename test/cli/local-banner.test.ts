import { execFileSync } from 'node:child_process';
import * as ec2 from '@aws-sdk/client-ec2';
import * as elastiCache from '@aws-sdk/client-elasticache';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runCli } from '../support/commands/run-cli.ts';
import { startCommand } from '../support/commands/run-command.ts';
import { stubEnvironment } from '../support/functions/aws-environment.ts';
import { allowlistFile } from '../support/functions/enforce-ingress-function.ts';
import { VPC_ALLOWLIST } from '../support/functions/enforce-security-group-function.ts';
import { eventually } from '../support/time/eventually.ts';
import { folderWith } from '../support/tools/folder.ts';

/** Starts `ingress-guard local`, and gives the commands that it prints for another terminal, each split into words by a shell. */
async function startAndRead(...options: readonly string[]) {
  const local = startCommand(['local', '--port', '0', ...options], {
    INGRESS_GUARD_ALLOWLIST: await allowlistFile(VPC_ALLOWLIST),
  });
  await eventually(local.stderr).toMatch(/describe-security-group-rules\n.*\n/);
  const lines = [...local.stderr().matchAll(/^ {2}((?:unset|export|aws|npx) .*)$/gm)].map(([, line = '']) => line);
  return { local, commands: lines.map(wordsOf) };
}

function wordsOf(line: string): string[] {
  return execFileSync('sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);
}

/**
 * Runs the commands as a shell and the AWS CLI do, with the SDK in the CLI's place.
 *
 * @param already the variables that the terminal has before.
 */
async function paste(
  commands: readonly (readonly string[])[],
  already: Readonly<Record<string, string>> = {},
): Promise<string> {
  const variables = new Map(Object.entries(already));
  let printed = '';
  for (const [program, ...words] of commands) {
    if (program === 'export') {
      for (const word of words) variables.set(...(word.split('=') as [string, string]));
    } else if (program === 'unset') {
      for (const word of words) variables.delete(word);
    } else if (program === 'aws') await runAws(words, variables);
    else {
      expect(words.slice(0, 3)).toEqual(['--no', '--', 'ingress-guard']);
      stubEnvironment({ AWS_REGION: undefined, ...Object.fromEntries(variables) });
      printed += (await runCli(words.slice(3), { environment: Object.fromEntries(variables) })).stdout;
    }
  }
  return printed;
}

async function runAws([service, ...words]: readonly string[], variables: ReadonlyMap<string, string>): Promise<void> {
  const as = {
    endpoint: variables.get('AWS_ENDPOINT_URL') as string,
    region: variables.get('AWS_REGION') ?? (variables.get('AWS_DEFAULT_REGION') as string),
    credentials: {
      accessKeyId: variables.get('AWS_ACCESS_KEY_ID') as string,
      secretAccessKey: variables.get('AWS_SECRET_ACCESS_KEY') as string,
    },
  };
  const [command = ''] = words;
  const options = optionsOf(words.slice(command === 'wait' ? 2 : 1));
  const module: Readonly<Record<string, unknown>> = service === 'ec2' ? ec2 : elastiCache;
  const client = service === 'ec2' ? new ec2.EC2Client(as) : new elastiCache.ElastiCacheClient(as);
  onTestFinished(() => client.destroy());
  if (command === 'wait') {
    const wait = module[`waitUntil${pascal(words[1] as string)}`] as typeof elastiCache.waitUntilCacheClusterAvailable;
    await wait({ client: client as elastiCache.ElastiCacheClient, maxWaitTime: 300, minDelay: 1 }, options);
    return;
  }
  const Command = module[`${pascal(command)}Command`] as new (input: object) => unknown;
  const send = client.send.bind(client) as (command: unknown) => Promise<unknown>;
  await send(new Command(command.startsWith('authorize-') ? asCliSends(options) : options));
}

/** `--cache-cluster-id sessions` as `{ CacheClusterId: 'sessions' }`. */
function optionsOf(words: readonly string[]): Record<string, string | number> {
  const pairs = Array.from({ length: words.length / 2 }, (_, i): [string, string] => [
    words[2 * i] as string,
    words[2 * i + 1] as string,
  ]);
  return Object.fromEntries(
    pairs.map(([name, value]) => [pascal(name.slice(2)), /^\d+$/.test(value) ? Number(value) : value]),
  );
}

/** The AWS CLI sends the short form of a rule as a permission. */
function asCliSends({ Protocol, Port, Cidr, ...group }: Record<string, string | number>): object {
  const permission = { IpProtocol: Protocol, FromPort: Port, ToPort: Port, IpRanges: [{ CidrIp: Cidr }] };
  return { ...group, IpPermissions: [permission] };
}

function pascal(words: string): string {
  return words.replace(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

describe('the commands that ingress-guard local prints', () => {
  test('work when pasted, and end revoked', async () => {
    const { local, commands } = await startAndRead('--mode', 'enforce', '--vpc-only');
    expect(local.stderr()).toContain('ends here as "revoked"');

    await paste(commands);

    await eventually(local.stderr).toContain('enforceSecurityGroup: revoked: ');
    expect(local.stderr()).toMatch(/AuthorizeSecurityGroupIngress .*0\.0\.0\.0\/0 -> done/);
  });

  test('end revoked also where nothing but reports was asked for: by an audit', async () => {
    const { local, commands } = await startAndRead();
    expect(local.stderr()).toContain('The audit then ends as "revoked".');

    const printed = await paste(commands);

    expect(printed).toMatch(/ 0\.0\.0\.0\/0 .* revoked\n/);
  });

  test('work in a terminal that was set up for an account of AWS, and with names that a shell would split', async () => {
    const { "the shop's $list.yaml": allowlist } = await folderWith({ "the shop's $list.yaml": VPC_ALLOWLIST });
    const { commands } = await startAndRead('--allowlist', allowlist, '--secret-access-key', 'a $secret;');

    const printed = await paste(commands, {
      AWS_PROFILE: 'production',
      AWS_REGION: 'eu-west-1',
      AWS_SESSION_TOKEN: 'x',
    });

    expect(printed).toMatch(/ 0\.0\.0\.0\/0 .* revoked\n/);
  });

  test('work without Ingress Guard, and say that what is opened stays', async () => {
    const { local, commands } = await startAndRead('--no-enforcer');
    expect(local.stderr()).toContain('What is opened stays open.');

    await paste(commands);

    expect(local.stderr()).toMatch(/AuthorizeSecurityGroupIngress .*0\.0\.0\.0\/0 -> done/);
  });
});
