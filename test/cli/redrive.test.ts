import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isOneLine } from '../../src/cli/one-line.ts';
import type { EndpointSettings } from '../../src/local/api-endpoint.ts';
import type { LocalAws } from '../../src/local/local-aws.ts';
import { sampleEvent } from '../events/sample-events.ts';
import { SHOP, startGuardedLocal } from '../support/commands/guarded-local.ts';
import { expectHelp, expectRefusal, runCli } from '../support/commands/run-cli.ts';
import { type Surroundings, startCommand } from '../support/commands/run-command.ts';
import { ACCOUNT, REGION } from '../support/examples/grants.ts';
import { FORGED, hostileText, TAIL } from '../support/examples/hostile.ts';
import { deployStackHere, environmentOf, FUNCTIONS } from '../support/local-aws/deployed-stack.ts';
import { recordingFunction, startAws } from '../support/local-aws/local-aws.ts';
import { authorize, tcp } from '../support/local-aws/local-ec2.ts';
import { startJsonEndpoint } from '../support/scripted/scripted-json-endpoint.ts';
import { eventually } from '../support/time/eventually.ts';

const CLASSIC = sampleEvent('authorize-ingress');
const OF_A_RULE = sampleEvent('authorize-security-group-ingress');
const MAIL = { Type: 'Notification', Message: 'a rule was revoked' };
const HEARTBEAT = { ...CLASSIC, source: 'ingress-guard.heartbeat' };
/** The failed call that proves that CloudTrail delivers. */
const CALL_HEARTBEAT = {
  source: 'aws.ec2',
  detail: {
    eventName: 'AuthorizeSecurityGroupIngress',
    errorCode: 'Client.InvalidGroup.NotFound',
    requestParameters: { groupId: 'sg-00000000000000000' },
  },
};
const AUDIT = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };

/** What EventBridge says of what it could not deliver. */
const undeliveredTo = (TARGET_ARN: string) => ({
  RULE_ARN: `arn:aws:events:${REGION}:${ACCOUNT}:rule/watch`,
  TARGET_ARN,
  ERROR_CODE: 'NO_PERMISSIONS',
  ERROR_MESSAGE: 'the function has no permission for the rule',
});
const arnOf = (name: string) => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;

/** A stack with its two queues, and functions that note what they are given. */
async function startStack(settings: Partial<EndpointSettings> = {}) {
  const started = await startAws(settings);
  const classic = recordingFunction({ name: FUNCTIONS.enforceIngress, eventPatterns: [] });
  const vpc = recordingFunction({ name: FUNCTIONS.enforceSecurityGroup, eventPatterns: [] });
  const audit = recordingFunction({ name: FUNCTIONS.auditGrants, eventPatterns: [] });
  started.aws.deploy([classic, vpc, audit]);
  const queues = deployStackHere(started.aws);
  return {
    ...started,
    ...queues,
    /** What each function was given. */
    given: () => [classic, vpc, audit].map(({ invocations }) => invocations.map(({ event }) => event)),
    bodies: () => [queues.deadLetters, queues.undelivered].map(({ messages }) => messages.map(({ body }) => body)),
    /** Messages that can be received, in both queues. */
    visible: () => [queues.deadLetters, queues.undelivered].map((queue) => queue.count().visible),
    calls: () => started.calls.map(({ action }) => action),
  };
}

const send = (
  queue: { send(body: string, attributes?: Record<string, string>): unknown },
  event: unknown,
  why = 'threw',
) => queue.send(JSON.stringify(event), { ErrorMessage: why });

const environment = { AWS_REGION: REGION };
const redrive = (argv: readonly string[], surroundings: Surroundings = {}) =>
  runCli(['redrive', ...argv], { ...surroundings, environment });
const start = (argv: readonly string[], surroundings?: Surroundings) =>
  startCommand(['redrive', ...argv], environment, surroundings);

describe('ingress-guard redrive', () => {
  test('gives each event to its function again, just as it was, and takes it out of its queue', async () => {
    const stack = await startStack();
    send(stack.deadLetters, CLASSIC);
    send(stack.deadLetters, OF_A_RULE);
    stack.undelivered.send(JSON.stringify(OF_A_RULE), undeliveredTo(arnOf(FUNCTIONS.enforceSecurityGroup)));

    const { exitCode, stdout } = await redrive(['--yes']);
    await stack.aws.idle();

    expect(stack.given()).toEqual([[CLASSIC], [OF_A_RULE, OF_A_RULE], []]);
    expect(stack.bodies()).toEqual([[], []]);
    expect(stdout).toContain(`given again: 2 events to ${FUNCTIONS.enforceSecurityGroup}\n`);
    expect(exitCode).toBe(0);
  });

  test('lists what waits by its cause, oldest first, before it asks', async () => {
    const stack = await startStack();
    send(stack.deadLetters, OF_A_RULE, 'EC2 does not list sgr-0123456789abcdef0 yet');
    send(stack.deadLetters, OF_A_RULE, 'EC2 does not list sgr-0fedcba9876543210 yet');
    send(stack.deadLetters, OF_A_RULE, 'Rate exceeded');

    const { stdout, stderr, exitCode } = await redrive([], { stdin: 'n\n', isTTY: true });

    expect(stdout).toMatch(/^DeadLetterQueue: 3 messages\n/);
    expect(stdout).toContain(`  2 × event for ${FUNCTIONS.enforceSecurityGroup}, oldest of `);
    expect(stdout).toContain('    cause: EC2 does not list sgr-0123456789abcdef0 yet\n');
    expect(stdout).toContain('    cause: Rate exceeded\n    - AuthorizeSecurityGroupIngress, event ');
    expect(stdout).toContain('UndeliveredQueue: no message\n');
    expect(stderr).toContain('Give 3 events to their functions again? [y/N] ');
    expect(stderr).toContain('nothing was given and nothing was deleted');
    expect(stack.visible()).toEqual([3, 0]);
    expect([stack.given().flat(), exitCode]).toEqual([[], 1]);
  });

  test('does what a person at the terminal says', async () => {
    const stack = await startStack();
    send(stack.deadLetters, CLASSIC);

    const { exitCode } = await redrive([], { stdin: 'y\n', isTTY: true });

    expect([stack.bodies(), exitCode]).toEqual([[[], []], 0]);
  });

  test('lists and changes nothing with --dry-run, and lets others see every message at once', async () => {
    const stack = await startStack();
    for (let at = 0; at < 12; at++) send(stack.deadLetters, CLASSIC);

    const { stdout, exitCode } = await redrive(['--dry-run']);

    expect(stdout).toContain('DeadLetterQueue: 12 messages\n');
    expect(stdout).toContain('    - and 7 more\n');
    expect([stack.visible(), stack.given().flat(), exitCode]).toEqual([[12, 0], [], 0]);
  });

  test('looks at one queue alone with --queue', async () => {
    const stack = await startStack();
    send(stack.deadLetters, CLASSIC);
    send(stack.undelivered, CLASSIC);

    const { stdout } = await redrive(['--yes', '--queue', 'UndeliveredQueue']);

    expect(stdout).not.toContain('DeadLetterQueue');
    expect(stack.bodies().map(({ length }) => length)).toEqual([1, 0]);
  });

  test('has nothing to do and nothing to ask where both queues are empty', async () => {
    const stack = await startStack();

    const ended = await redrive(['--yes']);

    expect(ended).toEqual({
      exitCode: 0,
      stdout: 'DeadLetterQueue: no message\nUndeliveredQueue: no message\n',
      stderr: '',
    });
    expect(stack.calls()).not.toContain('Invoke');
  });

  test('does not ask where no one is at a terminal, and changes nothing without --yes', async () => {
    const stack = await startStack();
    send(stack.deadLetters, CLASSIC);

    expectRefusal(await redrive([]), 1, /no one is at a terminal: add --yes, or --dry-run/);
    expect(stack.calls()).toEqual([]);
  });

  test('deletes audits and heartbeats that failed, which the next ones replace, and says so', async () => {
    const stack = await startStack();
    send(stack.deadLetters, AUDIT);
    send(stack.deadLetters, HEARTBEAT);
    send(stack.deadLetters, CALL_HEARTBEAT);

    const { stdout, exitCode } = await redrive(['--yes']);

    expect(stdout).toContain('1 × audit that failed: the next one does the same');
    expect(stdout).toContain('deleted: 3 audits and heartbeats that failed\n');
    expect([stack.bodies(), stack.given().flat(), exitCode]).toEqual([[[], []], [], 0]);
  });

  test('takes a message of 256 KB', async () => {
    const stack = await startStack();
    const large = { ...OF_A_RULE, padding: 'ä'.repeat(131_000 - JSON.stringify(OF_A_RULE).length) };
    send(stack.deadLetters, large);

    const { exitCode } = await redrive(['--yes']);
    await stack.aws.idle();

    expect(stack.given()).toEqual([[], [large], []]);
    expect(exitCode).toBe(0);
  });

  test('promises its options, its exit codes and an example', async () => {
    await expectHelp('redrive');
  });
});

describe('a message that is not an event', () => {
  test.each<[string, string, Record<string, string>]>([
    ['no JSON', 'what is this', {}],
    ['no object', '[1, 2]', {}],
    ['an object of someone else', '{"hello":"world"}', {}],
    ['a mail that SNS could not deliver', JSON.stringify(MAIL), {}],
    ['an outcome for the topic', JSON.stringify(CLASSIC), undeliveredTo(`arn:aws:sns:${REGION}:${ACCOUNT}:alerts`)],
    ['an event for a function of someone else', JSON.stringify(CLASSIC), undeliveredTo(arnOf('someone-elses'))],
    ['an event for the other function', JSON.stringify(CLASSIC), undeliveredTo(arnOf(FUNCTIONS.enforceSecurityGroup))],
  ])('is shown and left where it is: %s', async (_, body, attributes) => {
    const stack = await startStack();
    stack.undelivered.send(body, attributes);

    const { stdout, exitCode } = await redrive(['--yes']);

    expect(stdout).toContain(`    - ${body.slice(0, 400)}`);
    expect(stdout).toContain('left in UndeliveredQueue: 1 message\n');
    expect([stack.visible(), stack.given().flat(), exitCode]).toEqual([[0, 1], [], 1]);
  });

  test('is deleted if the person at the terminal says so, and not with the events', async () => {
    const stack = await startStack();
    send(stack.deadLetters, CLASSIC);
    stack.undelivered.send('first');
    stack.undelivered.send('second');

    const refused = await redrive([], { stdin: 'y\nn\n', isTTY: true });
    expect(stack.bodies()).toEqual([[], ['first', 'second']]);
    const { stderr, exitCode } = await redrive([], { stdin: 'y\n', isTTY: true });

    expect(stderr).toContain('Delete 2 messages that are not events, shown above? Nothing brings them back. [y/N] ');
    expect([stack.bodies(), refused.exitCode, exitCode]).toEqual([[[], []], 1, 0]);
  });

  test('does nothing to the terminal and writes no line of its own, whatever is in it', async () => {
    const stack = await startStack();
    await fc.assert(
      fc.asyncProperty(hostileText, hostileText, hostileText, async (body, ErrorMessage, eventID) => {
        stack.deadLetters.send(body, { ErrorMessage });
        stack.undelivered.send(JSON.stringify({ ...CLASSIC, detail: { ...(CLASSIC.detail as object), eventID } }), {
          ERROR_MESSAGE: body,
          TARGET_ARN: ErrorMessage,
        });

        const { stdout, stderr } = await redrive(['--dry-run']);

        for (const line of `${stdout}${stderr}`.split('\n')) expect(isOneLine(line, 1000)).toBe(true);
        expect(stdout).not.toMatch(new RegExp(`^${FORGED}`, 'm'));
        expect(stdout).not.toContain(TAIL);
        for (const queue of [stack.deadLetters, stack.undelivered]) queue.messages.length = 0;
      }),
      { numRuns: 20 },
    );
  });
});

test('redrive has events evaluated that failed for want of an allowlist, on an AWS that answers slowly', async () => {
  const kept = { file: '', text: '' };
  const takeAway = async (file: string): Promise<void> => {
    Object.assign(kept, { file, text: await readFile(file, 'utf8') });
    await rm(file);
  };
  // A hundredth of the waits of retries; each answer takes 200 ms.
  const slow = ['--speed', '100', '--slow', '1', '--slow-ms', '20000'];
  const { ec2, groupId, letIn } = await startGuardedLocal(['--mode', 'enforce', ...slow], undefined, takeAway);
  await authorize(ec2, groupId, tcp(6379, { IpRanges: [{ CidrIp: '198.51.100.0/24' }] }));
  const list = async () => (await redrive(['--dry-run', '--stage', 'local'])).stdout;
  let listed = await list();
  while (listed.split('- AuthorizeSecurityGroupIngress, event ').length < 3) listed = await list();
  await writeFile(kept.file, kept.text);

  const { stdout, exitCode } = await redrive(['--yes', '--stage', 'local']);

  expect(listed).toMatch(/event for enforceSecurityGroup, oldest of .*\n {4}cause: .*allowlist/);
  expect(stdout).toMatch(/^given again: \d+ events to enforceSecurityGroup$/m);
  expect(exitCode).toBe(0);
  while ((await letIn()).length > 1);
  expect(await letIn()).toEqual([SHOP]);
});

describe('redrive that is broken off', () => {
  /** Does something when the local AWS was called so many times. */
  const atCall = (aws: LocalAws, wanted: string, number: number, act: () => void) => {
    let calls = 0;
    aws.events.on('call', ({ action }) => {
      if (action === wanted && ++calls === number) act();
    });
  };

  test('by Ctrl-C in the midst gives nothing more, and lets others see the rest at once', async () => {
    const stack = await startStack();
    for (let at = 0; at < 40; at++) send(stack.deadLetters, CLASSIC);
    let command: ReturnType<typeof startCommand> | undefined;
    atCall(stack.aws, 'Invoke', 3, () => command?.interrupt());

    command = start(['--yes']);
    const exitCode = await command.exitCode;
    await stack.aws.idle();

    const given = stack.given().flat().length;
    expect(given).toBeLessThan(40);
    expect(stack.visible()).toEqual([40 - given, 0]);
    expect(command.stdout()).toContain(`left in DeadLetterQueue: ${40 - given} messages\n`);
    expect(command.stderr()).toContain('ended early');
    expect(exitCode).toBe(1);
  });

  test('by Ctrl-C while it lists changes nothing, and lets others see every message at once', async () => {
    const stack = await startStack();
    for (let at = 0; at < 40; at++) send(stack.deadLetters, CLASSIC);
    let command: ReturnType<typeof startCommand> | undefined;
    atCall(stack.aws, 'ReceiveMessage', 2, () => command?.interrupt());

    command = start(['--yes']);

    expect(await command.exitCode).toBe(1);
    expect([stack.visible(), stack.given().flat()]).toEqual([[40, 0], []]);
  });

  test('by Ctrl-C at the question changes nothing', async () => {
    const stack = await startStack();
    send(stack.deadLetters, CLASSIC);

    const command = start([], { stdin: 'open', isTTY: true });
    await eventually(command.stderr).toContain('[y/N]');
    command.interrupt();

    expect(await command.exitCode).toBe(1);
    expect([stack.visible(), stack.given().flat()]).toEqual([[1, 0], []]);
  });

  test('by a kill between "taken" and "deleted" loses nothing: the event comes back and is given again', async () => {
    const stack = await startStack();
    send(stack.deadLetters, CLASSIC);
    const child = spawn(process.execPath, ['src/cli/main.ts', 'redrive', '--yes'], {
      env: { ...process.env, ...environmentOf(stack.aws) },
      stdio: 'ignore',
    });
    atCall(stack.aws, 'Invoke', 1, () => child.kill('SIGKILL'));
    await once(child, 'exit');
    const bodies = stack.bodies();
    const held = await redrive(['--yes']);
    await stack.clock.advance(600_000);
    const again = await redrive(['--yes']);
    await stack.aws.idle();

    expect(bodies).toEqual([[JSON.stringify(CLASSIC)], []]);
    expect(held.stderr).toContain('1 message is held by another run, or by one that was killed');
    expect(held.exitCode).toBe(1);
    expect(again.exitCode).toBe(0);
    expect(stack.given()).toEqual([[CLASSIC, CLASSIC], [], []]);
    expect(stack.bodies()).toEqual([[], []]);
  });
});

describe('redrive in trouble', () => {
  test.each([
    [
      'ReceiveMessage',
      /DeadLetterQueue could not be read\. AccessDenied.* need sqs:GetQueueAttributes, sqs:ReceiveMessage/,
    ],
    ['GetQueueAttributes', /UndeliveredQueue could not be read/],
    ['DescribeStacks', /CloudFormation in us-east-1 did not describe stack/],
  ])('never takes a queue for empty that it may not read: %s is denied', async (action, message) => {
    const stack = await startStack({ deniedActions: [action] });
    send(stack.deadLetters, CLASSIC);

    const { stderr, stdout, exitCode } = await redrive(['--yes']);

    expect(stderr).toMatch(message);
    expect(stdout).not.toContain('no message');
    expect([stack.visible(), exitCode]).toEqual([[1, 0], 1]);
  });

  test('leaves an event in its queue that Lambda does not take', async () => {
    const stack = await startStack({ deniedActions: ['Invoke'] });
    send(stack.deadLetters, CLASSIC);
    send(stack.deadLetters, CLASSIC);

    const { stderr, stdout, exitCode } = await redrive(['--yes']);

    expect(stderr).toMatch(
      /2 times: an event was not taken by .*-enforceIngress and stays in its queue\. AccessDenied/,
    );
    expect(stdout).not.toContain('given again');
    expect([stack.visible(), exitCode]).toEqual([[2, 0], 1]);
  });

  test('says that an event comes back that was taken and could not be deleted', async () => {
    const stack = await startStack({ deniedActions: ['DeleteMessage'] });
    send(stack.deadLetters, CLASSIC);

    const { stderr, exitCode } = await redrive(['--yes']);
    await stack.aws.idle();

    expect(stderr).toContain('an event was taken by its function and could not be deleted, so it comes back');
    expect(stack.given()).toEqual([[CLASSIC], [], []]);
    expect([stack.bodies()[0]?.length, exitCode]).toEqual([1, 1]);
  });

  test('does not take an answer for "taken" that is not Lambda’s 202', async () => {
    const stack = await startStack();
    send(stack.deadLetters, CLASSIC);
    const proxy = await startJsonEndpoint(() => ({ status: 200, body: '<html>welcome</html>' }));
    process.env.AWS_ENDPOINT_URL_LAMBDA = proxy.url;

    const { stderr, exitCode } = await redrive(['--yes']).finally(() => {
      delete process.env.AWS_ENDPOINT_URL_LAMBDA;
    });

    expect(stderr).toContain('Lambda answered 200 where 202 means that it took the event');
    expect([stack.visible(), exitCode]).toEqual([[1, 0], 1]);
  });

  test('finds a queue that answers nothing, and says so', async () => {
    await startStack();
    const proxy = await startJsonEndpoint(({ operation }) => ({
      body:
        operation === 'GetQueueAttributes'
          ? { Attributes: { ApproximateNumberOfMessages: '3', ApproximateNumberOfMessagesNotVisible: '0' } }
          : {},
    }));
    process.env.AWS_ENDPOINT_URL_SQS = proxy.url;

    const { stderr, exitCode } = await redrive(['--yes']).finally(() => {
      delete process.env.AWS_ENDPOINT_URL_SQS;
    });

    expect(stderr).toContain('SQS counts 3 in DeadLetterQueue and gave 0: run it again');
    expect(exitCode).toBe(1);
  });

  test('works its way through throttling, errors of the server and cut connections', async () => {
    const { drawFaults, NO_FAULTS } = await import('../../src/local/faults.ts');
    const faults = drawFaults({ ...NO_FAULTS, throttle: 0.1, serverError: 0.1, cutBefore: 0.1, cutAfter: 0.1 });
    const stack = await startStack({ faults });
    for (let at = 0; at < 10; at++) send(stack.deadLetters, CLASSIC);

    for (let runs = 0; runs < 20 && stack.bodies().flat().length > 0; runs++) {
      await redrive(['--yes']);
      await stack.clock.advance(60_000);
    }
    await stack.aws.idle();

    expect(stack.bodies()).toEqual([[], []]);
    expect(stack.given()[0]?.length).toBeGreaterThanOrEqual(10);
  });
});
