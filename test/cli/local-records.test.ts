import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DescribeSecurityGroupRulesCommand } from '@aws-sdk/client-ec2';
import { CreateCacheClusterCommand, ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { describe, expect, onTestFinished, test } from 'vitest';
import { expectRefusal, jsonLines, runCli } from '../support/commands/run-cli.ts';
import { startCommand } from '../support/commands/run-command.ts';
import { REGION } from '../support/examples/grants.ts';
import { stubEnvironment } from '../support/functions/aws-environment.ts';
import { allowlistFile } from '../support/functions/enforce-ingress-function.ts';
import { authorize, createGroup, ec2ClientFor, tcp } from '../support/local-aws/local-ec2.ts';
import { credentials } from '../support/local-aws/local-elasticache.ts';
import { eventually } from '../support/time/eventually.ts';
import { folderWith } from '../support/tools/folder.ts';

const rules = (cidr: string) => `version: 1\nrules:\n  - { id: shop, caches: [sessions], cidrs: ["${cidr}"] }\n`;

describe('ingress-guard local --record --decisions', () => {
  test('writes files with which replay and undo can be tried', async () => {
    const { folder } = await folderWith({});
    const [record, decisions] = [join(folder, 'events.jsonl'), join(folder, 'decisions.jsonl')];
    const local = startCommand(
      ['local', '--port', '0', '--mode', 'enforce', '--creating-ms', '0', '--record', record, '--decisions', decisions],
      { INGRESS_GUARD_ALLOWLIST: await allowlistFile(rules('10.0.0.0/16')) },
    );
    await eventually(local.stdout).toMatch(/^ready http/);
    const url = local.stdout().trim().replace('ready ', '');
    const ec2 = ec2ClientFor(url);
    const elastiCache = new ElastiCacheClient({ region: REGION, endpoint: url, credentials });
    onTestFinished(() => elastiCache.destroy());
    const group = await createGroup(ec2);
    const cluster = { CacheClusterId: 'sessions', Engine: 'redis', NumCacheNodes: 1, SecurityGroupIds: [group] };
    await elastiCache.send(new CreateCacheClusterCommand(cluster));
    await authorize(ec2, group, tcp(6379, { IpRanges: [{ CidrIp: '10.0.1.0/24' }] }));
    await authorize(ec2, group, tcp(6379, { IpRanges: [{ CidrIp: '192.0.2.0/24', Description: 'of a friend' }] }));
    await eventually(() => (existsSync(decisions) ? jsonLinesOf(decisions) : Promise.resolve([]))).toContainEqual(
      expect.objectContaining({ message: 'decision', outcome: 'revoked' }),
    );
    stubEnvironment({ AWS_ENDPOINT_URL_EC2: url, AWS_ENDPOINT_URL_ELASTICACHE: url });

    // Of a rule that is gone a moment after its call, replay would wait for EC2 to list it.
    const lines = (await readFile(record, 'utf8')).split('\n');
    const stdin = lines.filter((line) => !line.includes('192.0.2.0/24')).join('\n');
    const allowlist = await allowlistFile(rules('10.0.0.0/16'));
    const replayed = await runCli(['replay', '-', '--account', '123456789012', '--allowlist', allowlist], { stdin });
    const undone = await runCli(['undo', decisions, '--allowlist', await allowlistFile(rules('192.0.2.0/24'))]);

    expect(
      (await jsonLinesOf(record)).map((event) => (event as { detail: { eventName: string } }).detail.eventName),
    ).toEqual(expect.arrayContaining(['CreateSecurityGroup', 'CreateCacheCluster', 'AuthorizeSecurityGroupIngress']));
    expect(await readFile(record, 'utf8')).not.toContain('"readOnly":true');
    expect(replayed.stdout).toMatch(/^allowed +sessions:6379 <- 10\.0\.1\.0\/24 /m);
    expect(undone).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^restored: sessions:6379 <- 192\.0\.2/),
    });
    const { SecurityGroupRules } = await ec2.send(
      new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'group-id', Values: [group] }] }),
    );
    expect(SecurityGroupRules).toContainEqual(expect.objectContaining({ Description: 'of a friend' }));
  });

  test('adds to what is there', async () => {
    const { file } = await folderWith({ file: 'before\n' });
    const local = startCommand(['local', '--port', '0', '--no-enforcer', '--record', file]);
    await eventually(local.stdout).toMatch(/^ready http/);

    await createGroup(ec2ClientFor(local.stdout().trim().replace('ready ', '')));
    await eventually(() => readFile(file, 'utf8')).toMatch(/^before\n\{.*CreateSecurityGroup/);
  });

  test.each(['--record', '--decisions'])(
    'refuses a file that cannot be written, before anything starts: %s',
    async (option) => {
      const { folder } = await folderWith({});

      expectRefusal(
        await runCli(['local', '--port', '0', '--no-enforcer', option, folder]),
        1,
        /cannot be written: it is a directory/,
      );
    },
  );
});

async function jsonLinesOf(file: string): Promise<unknown[]> {
  const text = await readFile(file, 'utf8');
  return text === '' ? [] : jsonLines(text);
}
