import type { StateMachineDefinition } from 'aws-local-stepfunctions';
import type { Clock } from './clock.ts';
import type { StackStateMachine } from './stack.ts';

/** Does what tasks ask for, by the end of their `Resource`: `lambda:invoke`. Each gets its parameters. */
export type Tasks = Readonly<Record<string, (parameters: never) => unknown>>;

/**
 * Executes a state machine once. A wait is the clock's, so that a local AWS that goes fast waits less; the engine, which is not
 * ours, has its own.
 *
 * @param ending when aborted, the execution ends where it is.
 * @throws if the execution fails, or a task is not known here.
 */
export async function execute(
  { name, definition }: StackStateMachine,
  input: unknown,
  { clock, tasks, ending }: { readonly clock: Clock; readonly tasks: Tasks; readonly ending: AbortSignal },
): Promise<void> {
  // Loaded for the first execution: most runs of the local AWS have none.
  const { StateMachine } = await import('aws-local-stepfunctions');
  const handlers: Record<string, (parameters: never) => unknown> = {};
  const States = Object.fromEntries(
    Object.entries(definition.States).map(([state, written]) => {
      if (written.Type === 'Wait') {
        handlers[state] = (kept) => clock.sleep(Number(written.Seconds) * 1000, ending).then(() => kept);
        const { Seconds, ...rest } = written;
        return [state, { ...rest, Type: 'Task', Resource: 'arn:aws:states:::clock:sleep' }];
      }
      if (written.Type === 'Task') handlers[state] = taskOf(tasks, `${name}.${state}`, String(written.Resource));
      return [state, written];
    }),
  );
  // The engine's own timers know nothing of our clock, so what fails is tried again at once.
  const atOnce = Object.fromEntries(Object.keys(States).map((state) => [state, 0]));
  const machine = new StateMachine({ ...definition, States } as unknown as StateMachineDefinition, {
    validationOptions: { checkArn: false },
  });
  const running = machine.run(input as Parameters<typeof machine.run>[0], {
    overrides: { taskResourceLocalHandlers: handlers as never, retryIntervalOverrides: atOnce },
    noThrowOnAbort: true,
  });
  ending.addEventListener('abort', running.abort, { once: true });
  await running.result.finally(() => ending.removeEventListener('abort', running.abort));
}

function taskOf(tasks: Tasks, where: string, resource: string): (parameters: never) => unknown {
  const [, action = resource] = /:::(.+)$/.exec(resource) ?? [];
  const task = tasks[action];
  if (task === undefined) throw new Error(`the local Step Functions does not know the task ${resource} of ${where}`);
  return task;
}
