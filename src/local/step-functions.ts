import type { StateMachineDefinition } from 'aws-local-stepfunctions';
import type { Clock } from './clock.ts';
import type { StackStateMachine } from './stack.ts';

/** Does what tasks ask for, by the end of their `Resource`: `lambda:invoke`. Each gets its parameters. */
export type Tasks = Readonly<Record<string, (parameters: never) => unknown>>;

/** A state machine in Amazon States Language. */
type States = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What `$$.Execution` says. */
export interface ExecutionContext {
  readonly Id: string;
  readonly Name: string;
  readonly Input: unknown;
  /** ISO 8601. */
  readonly StartTime: string;
}

/**
 * Executes a state machine once. A wait is the clock's, so that a local AWS that goes fast waits less; the engine, which is not
 * ours, has its own.
 *
 * @param ending when aborted, the execution ends where it is.
 * @returns what the execution gives, or `null` if it was ended.
 * @throws if the execution fails, or a task is not known here.
 */
export async function execute(
  { name, definition }: StackStateMachine,
  input: unknown,
  {
    clock,
    tasks,
    ending,
    execution,
  }: {
    readonly clock: Clock;
    readonly tasks: Tasks;
    readonly ending: AbortSignal;
    readonly execution?: ExecutionContext;
  },
): Promise<unknown> {
  // Loaded for the first execution: most runs of the local AWS have none.
  const { StateMachine } = await import('aws-local-stepfunctions');
  const handlers: Record<string, (parameters: never) => unknown> = {};
  const names: string[] = [];
  const States = withOurs(definition.States, (state, written) => {
    names.push(state);
    if (written.Type === 'Wait') {
      handlers[state] = (kept) => clock.sleep(Number(written.Seconds) * 1000, ending).then(() => kept);
      const { Seconds, ...rest } = written;
      return { ...rest, Type: 'Task', Resource: 'arn:aws:states:::clock:sleep' };
    }
    if (written.Type === 'Task') handlers[state] = taskOf(tasks, `${name}.${state}`, String(written.Resource));
    return written;
  });
  // The engine's own timers know nothing of our clock, so what fails is tried again at once.
  const atOnce = Object.fromEntries(names.map((state) => [state, 0]));
  const machine = new StateMachine({ ...definition, States } as unknown as StateMachineDefinition, {
    validationOptions: { checkArn: false },
  });
  const running = machine.run(input as Parameters<typeof machine.run>[0], {
    overrides: { taskResourceLocalHandlers: handlers as never, retryIntervalOverrides: atOnce },
    ...(execution && { context: { Execution: execution } as never }),
    noThrowOnAbort: true,
  });
  ending.addEventListener('abort', running.abort, { once: true });
  return await running.result.finally(() => ending.removeEventListener('abort', running.abort));
}

/** The states with another one in the place of each, those inside of a Map and of a Parallel too. */
function withOurs(states: States, change: (name: string, written: States[string]) => States[string]): States {
  const inside = (machine: { readonly States: States }) => ({ ...machine, States: withOurs(machine.States, change) });
  return Object.fromEntries(
    Object.entries(states).map(([name, written]) => {
      const changed: Record<string, unknown> = { ...change(name, written) };
      for (const key of ['ItemProcessor', 'Iterator']) {
        if (changed[key] !== undefined) changed[key] = inside(changed[key] as { readonly States: States });
      }
      if (Array.isArray(changed.Branches)) changed.Branches = changed.Branches.map(inside);
      return [name, changed];
    }),
  );
}

function taskOf(tasks: Tasks, where: string, resource: string): (parameters: never) => unknown {
  const [, action = resource] = /:::(.+)$/.exec(resource) ?? [];
  const task = tasks[action];
  if (task === undefined) throw new Error(`the local Step Functions does not know the task ${resource} of ${where}`);
  return task;
}
