import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readStack, type StackFunction } from '../../src/local/stack.ts';

async function read(yaml: string): Promise<StackFunction[]> {
  const folder = await mkdtemp(join(tmpdir(), 'ingress-guard-stack-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'serverless.yml');
  await writeFile(file, yaml);
  return readStack(file);
}

function withSchedule(schedule: string): string {
  return `functions: { audit: { handler: a.handler, events: [{ schedule: ${schedule} }] } }`;
}

describe('a stack', () => {
  test('has AWS’s and the Serverless Framework’s own defaults for what it does not say', async () => {
    const stack = await read('functions: { one: { handler: handlers/one.handler } }');

    expect(stack).toEqual([
      {
        name: 'one',
        handler: 'handlers/one.handler',
        timeoutSeconds: 6,
        maximumRetryAttempts: 2,
        maximumEventAgeSeconds: 21_600,
        eventPatterns: [],
        schedules: [],
        reportsSuccess: false,
      },
    ]);
  });

  test('has no function whose place a variable takes: it is there with some settings alone', async () => {
    const stack = await read(`functions: { one: { handler: one.handler }, two: '\${file(two.cjs), null}' }`);

    expect(stack.map(({ name }) => name)).toEqual(['one']);
  });

  test('has a time-out of its functions, or of each', async () => {
    const stack = await read(`
provider: { timeout: 60 }
functions:
  one: { handler: a.one }
  two: { handler: a.two, timeout: 5, maximumRetryAttempts: 0, maximumEventAge: 90 }
`);

    expect(stack).toMatchObject([
      { name: 'one', timeoutSeconds: 60 },
      { name: 'two', timeoutSeconds: 5, maximumRetryAttempts: 0, maximumEventAgeSeconds: 90 },
    ]);
  });

  test('has the event patterns of all its rules, and leaves other events alone', async () => {
    const stack = await read(`
functions:
  one:
    handler: a.one
    events:
      - eventBridge: { pattern: { source: [aws.elasticache] } }
      - eventBridge: { pattern: { source: [aws.ec2] } }
      - sqs: { arn: !GetAtt Queue.Arn }
      - httpApi: '*'
`);

    expect(stack[0]?.eventPatterns).toEqual([{ source: ['aws.elasticache'] }, { source: ['aws.ec2'] }]);
  });

  test.each(['', 'functions:', 'service: nothing'])('may have no function: %j', async (yaml) => {
    expect(await read(yaml || '{}')).toEqual([]);
  });

  test('is read from a file that must be there', async () => {
    await expect(readStack('nowhere/serverless.yml')).rejects.toThrow('nowhere/serverless.yml');
  });

  test('of this checkout can be read, and its handler is there', async () => {
    const stack = await readStack('serverless.yml');

    const handlers = stack.map(({ handler }) => handler);
    expect(handlers).toContain('handlers/enforce-ingress.handler');
    for (const { eventPatterns, schedules } of stack)
      expect(eventPatterns.length + schedules.length).toBeGreaterThan(0);
  });
});

describe('a schedule of a stack', () => {
  test.each([
    ['rate(1 minute)', 60_000],
    ['rate(15 minutes)', 900_000],
    ['rate(1 hour)', 3_600_000],
    ['rate(30 days)', 2_592_000_000],
  ])('%s is every %i milliseconds', async (rate, everyMs) => {
    const [short, long] = [await read(withSchedule(rate)), await read(withSchedule(`{ rate: ${rate} }`))];

    expect(short[0]?.schedules).toEqual([{ everyMs, input: undefined }]);
    expect(long[0]?.schedules).toEqual(short[0]?.schedules);
  });

  test('may have an input, and several rates', async () => {
    const stack = await read(withSchedule('{ rate: [rate(1 hour), rate(1 day)], input: { audit: all } }'));

    expect(stack[0]?.schedules).toEqual([
      { everyMs: 3_600_000, input: { audit: 'all' } },
      { everyMs: 86_400_000, input: { audit: 'all' } },
    ]);
  });

  test.each([
    'cron(0 12 * * ? *)',
    'at(2026-01-01T00:00:00)',
    'rate(0 minutes)',
    'rate(1.5 hours)',
    'rate(5 seconds)',
    'hourly',
  ])('that is not known here is refused, by its own words: %s', async (rate) => {
    await expect(read(withSchedule(`'${rate}'`))).rejects.toThrow(rate);
  });
});
