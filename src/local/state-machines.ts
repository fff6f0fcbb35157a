import { randomUUID } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import { ApiError } from './api-error.ts';
import { type BusEvent, toEnvelope } from './bus-event.ts';
import type { Clock } from './clock.ts';
import { compileEventPattern, type Matcher } from './event-pattern.ts';
import { type Execution, type ExecutionChange, Executions } from './executions.ts';
import type { Invocations, LocalFunction } from './invocations.ts';
import type { LocalAwsEvents } from './local-aws-events.ts';
import { type LocalPlace, localFunctionArn, type StackStateMachine } from './stack.ts';
import type { Tasks } from './step-functions.ts';

interface Surroundings {
  readonly clock: Clock;
  readonly ending: AbortSignal;
  readonly home: LocalPlace;
  readonly events: EventEmitter<LocalAwsEvents>;
  readonly invocations: Invocations;
  /** Gets the events that Step Functions puts on the default bus. */
  readonly onEvent: (event: BusEvent) => void;
}

/** What `arn:aws:states:::lambda:invoke` takes. */
interface LambdaInvoke {
  readonly FunctionName: string;
  /** `RequestResponse` if not given. */
  readonly InvocationType?: string;
  readonly Payload: unknown;
}

/** What `arn:aws:states:::states:startExecution` takes. */
interface StartExecution {
  readonly StateMachineArn: string;
  readonly Name?: string;
  readonly Input?: unknown;
}

/** The state machines that are deployed, what starts them, and what their tasks do. */
export class StateMachines {
  readonly #around: Surroundings;
  readonly #executions: Executions;
  readonly #machines = new Map<string, StackStateMachine>();
  readonly #starters: {
    readonly machine: StackStateMachine;
    readonly matches: Matcher;
    readonly inputPath: readonly string[];
  }[] = [];

  constructor(around: Surroundings) {
    this.#around = around;
    this.#executions = new Executions({
      clock: around.clock,
      ending: around.ending,
      tasksOf: (machine) => this.#tasksOf(machine),
      onChange: (change) => this.#onChange(change),
    });
  }

  deploy(machine: StackStateMachine): void {
    this.#machines.set(machine.name, machine);
    for (const { pattern, inputPath } of machine.startedBy) {
      this.#starters.push({ machine, matches: compileEventPattern(pattern), inputPath });
    }
  }

  /** @throws {ApiError} ExecutionAlreadyExists, StateMachineDoesNotExist. */
  start(machineName: string, name: string, input: unknown): Execution {
    const machine = this.#machines.get(machineName);
    if (machine !== undefined) return this.#executions.start(machine, name, input);
    throw new ApiError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${machineName}'`);
  }

  /** Starts those whose rules match what a function returned. */
  startByResult(target: LocalFunction, payload: unknown, result: unknown): void {
    const event = this.#toResultEvent(target, payload, result);
    for (const { machine, matches, inputPath } of this.#starters) {
      if (!matches(event)) continue;
      const input = inputPath.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], event);
      this.#executions.start(machine, randomUUID(), input);
    }
  }

  /** AWS Lambda Developer Guide, "Adding a destination", and what public rules on such events look at. */
  #toResultEvent(target: LocalFunction, requestPayload: unknown, responsePayload: unknown): BusEvent {
    const { clock, home } = this.#around;
    return toEnvelope(home, clock.now(), {
      source: 'lambda',
      detailType: 'Lambda Function Invocation Result - Success',
      detail: {
        version: '1.0',
        timestamp: new Date(clock.now()).toISOString(),
        requestContext: { functionArn: `${localFunctionArn(home, target.name)}:$LATEST`, condition: 'Success' },
        requestPayload,
        responseContext: { statusCode: 200, executedVersion: '$LATEST' },
        responsePayload,
      },
    });
  }

  /** Step Functions Developer Guide, "Step Functions Execution Status Change". Here, an ARN of a state machine is its logical id. */
  #onChange(change: ExecutionChange): void {
    const { clock, ending, home, events, onEvent } = this.#around;
    if (change.status === 'FAILED') {
      events.emit('output', { functionName: change.stateMachineArn, line: `execution failed: ${change.cause}` });
    }
    if (ending.aborted) return;
    const detailType = 'Step Functions Execution Status Change';
    onEvent(toEnvelope(home, clock.now(), { source: 'aws.states', detailType, detail: change }));
  }

  #tasksOf(machine: StackStateMachine): Tasks {
    return {
      'lambda:invoke': (parameters: LambdaInvoke) => this.#invoke(parameters),
      'states:startExecution': (parameters: StartExecution) => this.#startNested(parameters),
      'sqs:sendMessage': ({ MessageBody }: { MessageBody: unknown }) => {
        const error = { name: machine.name, message: 'the function could not be invoked' };
        this.#around.events.emit('deadLetter', {
          functionName: machine.name,
          requestId: randomUUID(),
          event: MessageBody,
          attempts: 0,
          error,
        });
        return {};
      },
    };
  }

  #invoke({ FunctionName, InvocationType, Payload }: LambdaInvoke): unknown {
    const { invocations } = this.#around;
    const target = invocations.find(FunctionName);
    if (target === undefined) throw new Error(`there is no function ${FunctionName}`);
    if (InvocationType !== 'Event') return invocations.invokeAndWait(target, Payload);
    invocations.begin(target, Payload as BusEvent);
    return { StatusCode: 202 };
  }

  #startNested({ StateMachineArn, Name = randomUUID(), Input = {} }: StartExecution): unknown {
    try {
      const { name } = this.start(StateMachineArn, Name, Input);
      return {
        ExecutionArn: `${StateMachineArn}:${name}`,
        StartDate: new Date(this.#around.clock.now()).toISOString(),
      };
    } catch (error) {
      // Documented: so are errors of other services called, in states that call them.
      const { code, message } = error as ApiError;
      throw Object.assign(new Error(message, { cause: error }), { name: `StepFunctions.${code}Exception` });
    }
  }
}
