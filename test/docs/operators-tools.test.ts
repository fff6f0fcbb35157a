import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startGuardedLocal } from '../support/commands/guarded-local.ts';
import { runCli } from '../support/commands/run-cli.ts';
import { REGION, strangersGrant, vpcGrant } from '../support/examples/grants.ts';
import { startStackWithLogs } from '../support/local-aws/stack-with-logs.ts';
import { blocksOf, tableUnder } from '../support/tools/markdown.ts';

const PAGE = readFileSync('docs/reference/operators-tools.md', 'utf8');

/** A session on the page: the command's arguments, and what is on the screen then. */
function session(command: string): { readonly argv: readonly string[]; readonly lines: readonly string[] } {
  const prompt = '$ npx --no -- ingress-guard ';
  const [block] = blocksOf(PAGE).filter(({ text }) => text.startsWith(`${prompt}${command} `));
  const [first = '', ...lines] = (block?.text ?? '').trimEnd().split('\n');
  return { argv: first.slice(prompt.length).split(' '), lines };
}

/** What differs from one time to the next. */
const varying = (text: string) =>
  text
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g, 'TIME')
    .replace(/\bsgr?-[0-9a-f]{17}\b/g, 'ID')
    .replace(/\(1 of \d+\)/, '(1 of ALL)')
    .replace(/\b[\d.]+ m?s\b/g, 'SO LONG')
    // On a busy machine the function's call is made twice, and the second one finds the rule gone.
    .replace(/^already-gone: /m, 'revoked: ');

test('the page shows a drill in mode enforce as it is', async () => {
  const { groupId } = await startGuardedLocal(['--mode', 'enforce']);
  const { argv, lines } = session('drill');
  const question = lines.find((line) => line.includes('[y/N]')) ?? '';
  const isWarning = (line: string) => line.startsWith('If this is killed');

  const { stdout, stderr } = await runCli(
    [...argv.map((one) => (one.startsWith('sg-') ? groupId : one)), '--stage', 'local'],
    { stdin: `${question.slice(-1)}\n`, isTTY: true },
  );

  const onStdout = lines.filter((line) => line !== question && !isWarning(line));
  expect(varying(stdout.trimEnd())).toBe(varying(onStdout.join('\n')));
  expect(varying(stderr.trimEnd())).toBe(varying(`${question.slice(0, -1)}${lines.find(isWarning)}`));
});

test('the page shows what status says of a day', async () => {
  const { count, decide, setAlarm } = await startStackWithLogs();
  count('SecurityGroupHeartbeat', 1);
  count('CloudTrailHeartbeat', 2);
  count('Outcomes', 12, { outcome: 'allowed' });
  count('Outcomes', 3, { outcome: 'revoked' });
  count('Outcomes', 1, { outcome: 'held' });
  for (const exposureMs of [9000, 14_200, 41_400]) decide({ outcome: 'revoked', grant: strangersGrant, exposureMs });
  for (let times = 0; times < 2; times++) {
    const problem = 'its security group also guards something other than caches';
    decide({ outcome: 'held', grant: vpcGrant({ kind: 'cidr', cidr: '0.0.0.0/0' }), problem });
  }
  setAlarm('-HeldAlarm', 'ALARM', 'Threshold Crossed: 1 datapoint was greater than 0.0');
  const { argv, lines } = session('status');

  const { stdout } = await runCli(argv);

  expect(varying(stdout.trimEnd())).toBe(varying(lines.join('\n')));
});

/** The permissions in the table under a heading. */
const named = (heading: string) =>
  new Set(
    tableUnder(PAGE, heading).flatMap(([cell = '']) => [...cell.matchAll(/`([\w-]+:\w+)`/g)].map(([, one]) => one)),
  );

test('the page names every call that status makes, as a permission', async () => {
  const { calls } = await startStackWithLogs();

  await runCli(['status', '--region', REGION]);

  const made = calls.map(
    ({ service, action }) => service.operations.get(action)?.permission ?? `${service.name}:${action}`,
  );
  expect(named('### Permissions of status')).toEqual(new Set(made));
});

test('the page names every call that drill makes, as a permission', async () => {
  // Without events no function calls anything.
  const { groupId, called } = await startGuardedLocal(['--mode', 'enforce', '--drop-event', '1']);
  const before = called().length;

  await runCli(['drill', groupId, '--yes', '--timeout', '1', '--stage', 'local', '--region', REGION]);

  // For a cluster without a group of its own alone.
  const others = ['DescribeNetworkInterfaces'];
  const actions = [...named('### Permissions of drill')].map((permission) => permission?.split(':')[1]);
  expect(new Set(actions)).toEqual(new Set([...called().slice(before), ...others]));
});
