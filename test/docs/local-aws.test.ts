import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cloudWatch } from '../../src/local/cloudwatch/cloudwatch.ts';
import { lambda } from '../../src/local/lambda/lambda-api.ts';
import { logs } from '../../src/local/logs/logs.ts';
import { sqs } from '../../src/local/sqs/sqs.ts';
import { startCommand } from '../support/commands/run-command.ts';
import { eventually } from '../support/time/eventually.ts';
import { blocksOf, codesIn, sectionOf, tableUnder } from '../support/tools/markdown.ts';

test.each([
  ['AWS Lambda', lambda],
  ['Amazon CloudWatch', cloudWatch],
  ['Amazon CloudWatch Logs', logs],
  ['Amazon SQS', sqs],
])('docs/reference/local-aws.md names the operations of %s, and no others', (name, { operations }) => {
  const page = readFileSync('docs/reference/local-aws.md', 'utf8');
  const [, cell = ''] = tableUnder(page, '## The stack').find(([service]) => service === name) ?? [];

  const named = codesIn(cell).filter((code) => /^[A-Z]\w+[A-Z]?\w+$/.test(code) && code !== 'Event');
  expect(named.toSorted()).toEqual([...operations.keys()].toSorted());
});

test('docs/reference/local-aws.md leads a client to a cache of today, with the commands that ingress-guard local prints', async () => {
  const page = readFileSync('docs/reference/local-aws.md', 'utf8');
  const [shown] = blocksOf(sectionOf(page, '## Point a client at it'));
  const local = startCommand(['local', '--port', '0', '--mode', 'enforce']);
  await eventually(local.stderr).toMatch(/describe-security-group-rules\n/);
  await eventually(local.stdout).toMatch(/^ready \S+\n/);
  const url = local.stdout().trim().replace('ready ', '');

  const printed = [...local.stderr().matchAll(/^ {2}((?:unset|export|aws) .*\n)/gm)].map(([, line = '']) => line);
  expect(printed.join('').replace(url, 'http://127.0.0.1:4566')).toBe(shown?.text);
});
