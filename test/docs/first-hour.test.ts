import { readFileSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { AuthorizeSecurityGroupIngressCommand, CreateSecurityGroupCommand } from '@aws-sdk/client-ec2';
import {
  CreateCacheClusterCommand,
  DescribeCacheClustersCommand,
  ElastiCacheClient,
} from '@aws-sdk/client-elasticache';
import { expect, onTestFinished, test } from 'vitest';
import { runCli } from '../support/commands/run-cli.ts';
import { startCommand } from '../support/commands/run-command.ts';
import { stubEnvironment } from '../support/functions/aws-environment.ts';
import { ec2ClientFor } from '../support/local-aws/local-ec2.ts';
import { credentials } from '../support/local-aws/local-elasticache.ts';
import { eventually } from '../support/time/eventually.ts';
import { folderWith } from '../support/tools/folder.ts';
import { blocksOf } from '../support/tools/markdown.ts';

const PAGE = readFileSync('docs/tutorial/first-hour.md', 'utf8');

/** The commands of the page, each with what it writes. */
function steps(): { command: string; output: string }[] {
  const sessions = blocksOf(PAGE).filter(({ language }) => language === 'console');
  return sessions.flatMap(({ text }) =>
    text
      .replace(/ \\\n +/g, ' ')
      .split(/^\$ /m)
      .slice(1)
      .map((part) => ({ command: part.slice(0, part.indexOf('\n')), output: part.slice(part.indexOf('\n') + 1) })),
  );
}

/** Holds that the lines are there, in their order, and no others but where `...` stands. */
function expectShown(actual: string, shown: string): void {
  const parts = shown.split(/^\.\.\.\n/m).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  expect(actual).toMatch(new RegExp(`^${parts.join('(?:.*\\n)*?')}$`));
}

/** `--cache-cluster-id sessions` as the parameters of a command. */
function optionsOf(command: string): Map<string, string> {
  return new Map([...command.matchAll(/--(\S+) (\S+)/g)].map(([, name, value]) => [name as string, value as string]));
}

test('the first hour goes as the tutorial says', async () => {
  const { folder } = await folderWith({});
  const back = process.cwd();
  process.chdir(folder);
  onTestFinished(() => process.chdir(back));
  let url = '';
  const region = 'us-east-1';
  const aws = async (command: string): Promise<string> => {
    const options = optionsOf(command);
    const option = (name: string) => options.get(name) ?? '';
    const elastiCache = new ElastiCacheClient({ region, endpoint: url, credentials });
    onTestFinished(() => elastiCache.destroy());
    switch (command.split(' ').slice(0, 3).join(' ')) {
      case 'aws ec2 create-security-group': {
        const input = { GroupName: option('group-name'), Description: option('description') };
        return `${(await ec2ClientFor(url).send(new CreateSecurityGroupCommand(input))).GroupId}\n`;
      }
      case 'aws elasticache create-cache-cluster': {
        const CacheClusterId = option('cache-cluster-id');
        const input = { CacheClusterId, Engine: option('engine'), SecurityGroupIds: [option('security-group-ids')] };
        const size = { NumCacheNodes: Number(option('num-cache-nodes')), CacheNodeType: option('cache-node-type') };
        await elastiCache.send(new CreateCacheClusterCommand({ ...input, ...size }));
        await eventually(async () => {
          const { CacheClusters } = await elastiCache.send(new DescribeCacheClustersCommand({ CacheClusterId }));
          return CacheClusters?.[0]?.CacheClusterStatus;
        }).toBe('available');
        return '';
      }
      case 'aws ec2 authorize-security-group-ingress': {
        const port = Number(option('port'));
        const permission = { IpProtocol: option('protocol'), FromPort: port, ToPort: port };
        const IpPermissions = [{ ...permission, IpRanges: [{ CidrIp: option('cidr') }] }];
        const input = { GroupId: option('group-id'), IpPermissions };
        await ec2ClientFor(url).send(new AuthorizeSecurityGroupIngressCommand(input));
        return '';
      }
      default:
        throw new Error(`the test does not know ${command}`);
    }
  };
  const seen: string[] = [];

  for (const { command, output } of steps()) {
    const [, guard] = /^npx --no -- ingress-guard (.*)$/.exec(command) ?? [];
    if (guard?.startsWith('local ')) {
      const local = startCommand([...guard.split(' '), '--port', '0']);
      await eventually(local.stdout).toMatch(/^ready http/);
      url = local.stdout().trim().replace('ready ', '');
      expectShown(local.stdout().replace(url, 'http://127.0.0.1:4566'), output);
      stubEnvironment({ AWS_ENDPOINT_URL: url });
    } else if (guard !== undefined) {
      const answer = / \[y\/N\] (.)\n/.exec(output)?.[1];
      const asked = answer === undefined ? {} : { stdin: `${answer}\n`, isTTY: true };
      // No colours, and no progress of a command that takes more than a second.
      const environment = { AWS_DEFAULT_REGION: region, TERM: 'dumb' };
      const running = startCommand(guard.split(' '), environment, asked);
      await running.exitCode;
      // The terminal shows what is typed.
      expectShown(running.terminal().replace('[y/N] ', `[y/N] ${answer}\n`), output);
    } else if (command.startsWith('aws ')) expectShown(await aws(command), output);
    else
      expect(command).toMatch(
        /^(mkdir first-hour && cd first-hour|cd first-hour|unset( [A-Z_]+)+|export [A-Z_]+=\S+ [A-Z_]+=\S+)$/,
      );
    seen.push(guard?.split(' ')[0] ?? '');
  }

  expect(seen.filter(Boolean)).toEqual(['init', 'check', 'test', 'local', 'audit', 'audit', 'undo', 'drill']);
  const refused = await runCli(['undo', 'report.json']);
  const rule = refused.stderr.match(/^ {2}(?:- | {2}).*\n/gm) ?? [];
  await appendFile('allowlist.yaml', `\n${rule.join('')}`);
  expect(await runCli(['undo', 'report.json'])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^restored: sessions:6379 <- 0\.0\.0\.0\/0/),
  });
});
