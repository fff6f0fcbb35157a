import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sampleEvent } from '../events/sample-events.ts';
import { runCli } from '../support/commands/run-cli.ts';
import { REGION } from '../support/examples/grants.ts';
import { deployStackHere, FUNCTIONS } from '../support/local-aws/deployed-stack.ts';
import { recordingFunction, startAws } from '../support/local-aws/local-aws.ts';
import { blocksOf } from '../support/tools/markdown.ts';

const PAGE = readFileSync('docs/how-to/redrive.md', 'utf8');
const TIME = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g;

test('docs/how-to/redrive.md shows a session of redrive as it is', async () => {
  const { aws } = await startAws();
  aws.deploy([recordingFunction({ name: FUNCTIONS.enforceSecurityGroup, eventPatterns: [] })]);
  const { deadLetters, undelivered } = deployStackHere(aws);
  const event = JSON.stringify(sampleEvent('authorize-security-group-ingress'));
  for (let times = 0; times < 2; times++) {
    deadLetters.send(event, { ErrorMessage: 'DescribeSecurityGroupRules: Request limit exceeded.' });
  }
  deadLetters.send('{"source":"aws.events","detail-type":"Scheduled Event","detail":{}}', {
    ErrorMessage: 'Task timed out after 900.00 seconds',
  });
  undelivered.send('{"source":"lambda","detail-type":"Lambda Function Invocation Result - Success"}', {
    TARGET_ARN: 'arn:aws:sns:us-east-1:111122223333:alerts',
    ERROR_CODE: 'NO_PERMISSIONS',
    ERROR_MESSAGE: 'not authorized to perform: SNS:Publish',
  });
  const [session] = blocksOf(PAGE).filter(({ text }) => text.startsWith('$ npx --no -- ingress-guard redrive\n'));
  const lines = (session?.text ?? '').trimEnd().split('\n').slice(1);
  const questions = lines.filter((line) => line.includes('[y/N]'));
  const answers = questions.map((line) => line.slice(-1));

  const { stdout, stderr } = await runCli(['redrive'], {
    stdin: `${answers.join('\n')}\n`,
    isTTY: true,
    environment: { AWS_REGION: REGION },
  });

  const shown = lines.filter((line) => !questions.includes(line)).join('\n');
  expect(stdout.trimEnd().replace(TIME, 'TIME')).toBe(shown.replace(TIME, 'TIME'));
  expect(stderr.trimEnd()).toBe(
    questions
      .map((line) => line.slice(0, -1))
      .join('')
      .trimEnd(),
  );
  expect(answers).toEqual(['y', 'n']);
});

test('docs/how-to/redrive.md names every call that redrive makes, as a permission', async () => {
  const { aws, calls } = await startAws();
  aws.deploy([recordingFunction({ name: FUNCTIONS.enforceIngress, eventPatterns: [] })]);
  const { deadLetters } = deployStackHere(aws);
  deadLetters.send(JSON.stringify(sampleEvent('authorize-ingress')));
  deadLetters.send('not an event');

  await runCli(['redrive', '--yes', '--region', REGION]);

  const [section = ''] = /^[\s\S]*?^```/m.exec(PAGE) ?? [];
  const named = [...section.matchAll(/`([a-z]+:\w+)`/g)].map(([, permission]) => permission);
  const made = calls.map(
    ({ service, action }) => service.operations.get(action)?.permission ?? `${service.name}:${action}`,
  );
  expect(new Set(named)).toEqual(new Set(made));
});
