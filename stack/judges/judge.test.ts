import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Ended, runNode } from '../../test/support/commands/run-process.ts';

/** Two resources, each of which one of the judges does not like, and the other does not mind. */
const TEMPLATE = {
  Resources: {
    Logs: { Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDays: 365 } },
    Topic: { Type: 'AWS::SNS::Topic', Properties: {} },
  },
};
const FOUND = `
- rules: [AwsSolutions-SNS3]
  resources: [Topic]
  reason: Nobody publishes to it.
- rules: [cloudwatch_log_group_encrypted_check]
  resources: [Logs]
  reason: Nothing is written to it.
`;

/** Runs the script on a template, with a file of what is accepted. */
async function judge(template: object, accepted: string): Promise<Ended> {
  const folder = await mkdtemp(join(tmpdir(), 'ingress-guard-judge-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const files = { template: join(folder, 'template.json'), accepted: join(folder, 'accepted.yaml') };
  await writeFile(files.template, JSON.stringify(template));
  await writeFile(files.accepted, accepted);
  return runNode([join(import.meta.dirname, 'judge.ts'), files.accepted, files.template]);
}

test('passes when all that both judges find is accepted, and says why it is', async () => {
  const { exitCode, output } = await judge(TEMPLATE, FOUND);

  expect(output).toContain('Nobody publishes to it.');
  expect(output).toContain('The judges found nothing else.');
  expect(exitCode).toBe(0);
});

test.each([
  ['cdk-nag, AWS Solutions', 'Queue', { Type: 'AWS::SQS::Queue', Properties: {} }, 'AwsSolutions-SQS4'],
  ['cdk-nag, Serverless', 'Queue', { Type: 'AWS::SQS::Queue', Properties: {} }, 'Serverless-SQSRedrivePolicy'],
  [
    'the guard rules of Control Tower',
    'Forgetful',
    { Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDays: 7 } },
    'cloudwatch_log_group_retention_period_check',
  ],
])('fails on what %s finds and nobody accepted, and names it', async (_, id, resource, rule) => {
  const { exitCode, output } = await judge({ Resources: { ...TEMPLATE.Resources, [id]: resource } }, FOUND);

  expect(output).toContain('NOT ACCEPTED');
  expect(output).toMatch(new RegExp(`${rule} +│ ${id} `));
  expect(output).not.toContain('nothing else');
  expect(exitCode).toBe(1);
});

test('fails when what is accepted of one resource is found of another', async () => {
  const Other = TEMPLATE.Resources.Topic;

  const { exitCode, output } = await judge({ Resources: { ...TEMPLATE.Resources, Other } }, FOUND);

  expect(output).toMatch(/AwsSolutions-SNS3 +│ Other /);
  expect(exitCode).toBe(1);
});

test('fails on an acceptance that no finding uses, and names it', async () => {
  const { exitCode, output } = await judge(TEMPLATE, FOUND.replace('[Logs]', '[Logs, OldLogs]'));

  expect(output).not.toContain('NOT ACCEPTED');
  expect(output).toContain('NOT FOUND ANY MORE');
  expect(output).toMatch(/cloudwatch_log_group_encrypted_check +│ OldLogs /);
  expect(exitCode).toBe(1);
});

test('takes no acceptance without a reason', async () => {
  const { exitCode, output } = await judge(TEMPLATE, FOUND.replace('  reason: Nobody publishes to it.\n', ''));

  expect(output).toContain('accepted.yaml is not a list of rules, resources and reason');
  expect(output).toContain('[0].reason');
  expect(exitCode).not.toBe(0);
});
