import { ApiError } from './api-error.ts';
import type { Clock } from './clock.ts';
import type { StackStateMachine } from './stack.ts';
import { execute, type Tasks } from './step-functions.ts';

/** One execution of a state machine. */
export interface Execution {
  readonly name: string;
  /** What it gives in the end. It is an error if the execution failed; `null` if the local AWS ended before. */
  readonly output: Promise<unknown>;
}

interface Surroundings {
  readonly clock: Clock;
  readonly ending: AbortSignal;
  readonly tasksOf: (machine: StackStateMachine) => Tasks;
  /** Is notified of each execution as it starts, and as it ends. */
  readonly onChange: (change: ExecutionChange) => void;
}

/** What happened to an execution: `detail` of the events that Step Functions puts on the default event bus. */
export interface ExecutionChange {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED';
  /** Milliseconds since the epoch. */
  readonly startDate: number;
  readonly stopDate: number | null;
  /** JSON. */
  readonly input: string;
  readonly output: string | null;
  readonly error?: string;
  readonly cause?: string;
}

/** The executions of all state machines. */
export class Executions {
  readonly #around: Surroundings;
  readonly #started = new Map<string, Execution & { readonly input: string; isRunning: boolean }>();

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /**
   * Starts an execution. Documented of state machines that are `STANDARD`: a name cannot be used again for 90 days; with the input of
   * an execution that is still running, it gives that one.
   *
   * @throws {ApiError} ExecutionAlreadyExists
   */
  start(machine: StackStateMachine, name: string, input: unknown): Execution {
    const arn = `${machine.name}:${name}`;
    const written = JSON.stringify(input);
    const there = this.#started.get(arn);
    if (there?.isRunning && there.input === written) return there;
    if (there !== undefined) throw new ApiError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    const { clock, ending, tasksOf, onChange } = this.#around;
    const startDate = clock.now();
    const execution = { Id: arn, Name: name, Input: input, StartTime: new Date(startDate).toISOString() };
    const output = execute(machine, input, { clock, ending, tasks: tasksOf(machine), execution });
    const started = { name, input: written, isRunning: true, output };
    this.#started.set(arn, started);
    const about = { executionArn: arn, stateMachineArn: machine.name, name, startDate, input: written };
    const end = (change: Pick<ExecutionChange, 'status' | 'output' | 'error' | 'cause'>): void => {
      started.isRunning = false;
      if (!ending.aborted) onChange({ ...about, stopDate: clock.now(), ...change });
    };
    onChange({ ...about, status: 'RUNNING', stopDate: null, output: null });
    output.then(
      (result) => end({ status: 'SUCCEEDED', output: JSON.stringify(result) }),
      ({ name: error, message: cause }: Error) => end({ status: 'FAILED', output: null, error, cause }),
    );
    return started;
  }
}
