import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cloudWatch } from '../../src/local/cloudwatch/cloudwatch.ts';
import { lambda } from '../../src/local/lambda/lambda-api.ts';
import { logs } from '../../src/local/logs/logs.ts';
import { sqs } from '../../src/local/sqs/sqs.ts';
import { codesIn, tableUnder } from '../support/tools/markdown.ts';

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
