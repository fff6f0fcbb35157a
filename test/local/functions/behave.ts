import { setTimeout as sleep } from 'node:timers/promises';

// A Lambda for tests of what runs Lambdas: it does as the event says.

interface Context {
  readonly awsRequestId: string;
  readonly functionName: string;
  readonly invokedFunctionArn: string;
  getRemainingTimeInMillis(): number;
}

let invocations = 0;

const BEHAVIOURS: Readonly<Record<string, (context: Context) => unknown>> = {
  answer: (context) => ({ invocations, ...context, remaining: context.getRemainingTimeInMillis() }),
  environment: () => process.env,
  nothing: () => undefined,
  notJson: () => ({ at: new Date(0), missing: undefined, bad: Number.NaN }),
  cyclic: () => {
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    return cycle;
  },
  throw: () => {
    throw new RangeError('no luck');
  },
  throwText: () => {
    throw 'just a text';
  },
  exit: () => process.exit(0),
  exitLater: () => void setTimeout(() => process.exit(0), 20),
  throwLater: () => {
    setTimeout(() => {
      throw new Error('too late');
    }, 20);
  },
  rejectLater: () => void Promise.reject(new Error('nobody listens')),
  sleep: () => sleep(600_000),
  spin: () => {
    for (;;);
  },
  wait: async () => {
    await sleep(50);
    return invocations;
  },
  leaveTicking: () => tick(),
  tick: async () => {
    tick();
    await sleep(600_000);
  },
  printMuch: () => {
    for (let line = 1; line <= 1_000; line++) console.log(`line ${line}`);
  },
  printAndSleep: async () => {
    process.stdout.write('no line break at the end');
    await sleep(600_000);
  },
  setVariable: () => {
    process.env.LEFT_BEHIND = 'yes';
  },
  print: () => {
    process.stdout.write('one\ntw');
    process.stdout.write('o\n');
    console.error('three');
    process.stdout.write('no line break at the end');
  },
};

function tick(): void {
  setInterval(() => console.log('tick'), 10);
}

export async function handler(event: { readonly behave: string }, context: Context): Promise<unknown> {
  invocations++;
  return BEHAVIOURS[event.behave]?.(context);
}
