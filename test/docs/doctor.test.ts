import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runCli } from '../support/commands/run-cli.ts';
import { REGION } from '../support/examples/grants.ts';
import { startSoundStack } from '../support/local-aws/sound-stack.ts';
import { blocksOf, codesIn, sectionOf, tableUnder } from '../support/tools/markdown.ts';

const PAGE = readFileSync('docs/reference/operators-tools.md', 'utf8');
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\dZ|[0-9a-f]{64}/g;

/** What the page shows of a command, without the command. */
function shown(command: string): string {
  const [session] = blocksOf(PAGE).filter(({ text }) => text.startsWith(`$ ${command}\n`));
  return (session?.text ?? '').trimEnd().split('\n').slice(1).join('\n').replace(TIME, 'TIME');
}

test('docs/reference/operators-tools.md shows what doctor says of a sound stack', async () => {
  await startSoundStack();

  const { stdout } = await runCli(['doctor', '--region', REGION, '--mode', 'enforce']);

  expect(stdout.trimEnd().replace(TIME, 'TIME')).toBe(
    shown('npx --no -- ingress-guard doctor --region us-east-1 --mode enforce'),
  );
});

test('docs/reference/operators-tools.md shows what doctor says of a rule that is disabled', async () => {
  const { changeRule, lastCounted } = await startSoundStack();
  changeRule('elasticache-ingress-guard-prod-enforceSecurityGroup', { state: 'DISABLED' });
  lastCounted('SecurityGroupHeartbeat', 300);

  const { stdout } = await runCli(['doctor', '--region', REGION]);

  const bad = stdout.split('\n').filter((line) => !line.startsWith('ok'));
  expect(bad.join('\n').trimEnd().replace(TIME, 'TIME')).toBe(
    shown("npx --no -- ingress-guard doctor --region us-east-1 | grep -v '^ok'"),
  );
});

test('docs/reference/operators-tools.md names every call that doctor makes, as a permission', async () => {
  const { calls } = await startSoundStack({ hub: true });

  await runCli(['doctor', '--region', REGION]);

  const made = new Set(
    calls.map(({ service, action }) => service.operations.get(action)?.permission ?? `${service.name}:${action}`),
  );
  const named = tableUnder(PAGE, '### Permissions').flatMap(([cell = '']) =>
    [...cell.matchAll(/`([\w-]+:\w+)`/g)].map(([, one]) => one),
  );
  expect(new Set(named)).toEqual(made);
});

test('docs/how-to/chat.md says what doctor says once a channel has the topic', async () => {
  const { region, output } = await startSoundStack({ chat: true });
  const arn = output('ChatTopicArn');
  const subscription = { protocol: 'https', endpoint: 'https://global.sns-api.chatbot.amazonaws.com', arn: `${arn}:1` };
  region.topics.find(arn)?.subscriptions.push(subscription);

  const { stdout } = await runCli(['doctor', '--region', REGION]);

  const page = sectionOf(readFileSync('docs/how-to/chat.md', 'utf8'), '## Set up');
  const [, says = ''] = /`doctor` must say `([^`]+)`/.exec(page) ?? [];
  expect(codesIn(page)).toContain('ChatTopicArn');
  expect(stdout.split('\n').filter((line) => line.includes(says))).toHaveLength(1);
});
