import { createHash } from 'node:crypto';
import type { Clock } from '../clock.ts';

/** A stack, as it was deployed. */
export interface Stack {
  readonly name: string;
  readonly arn: string;
  readonly description?: string;
  /** Set it to try what another one leads to. */
  status: string;
  readonly outputs: ReadonlyMap<string, string>;
  readonly resources: readonly StackResource[];
  /** Milliseconds since the epoch. */
  readonly deployedAt: number;
}

/** A resource of a stack: its name in the template, and what `Ref` gives. */
export interface StackResource {
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId: string;
}

/** The stacks of one account in one region. */
export class Stacks {
  readonly #accountId: string;
  readonly #region: string;
  readonly #clock: Clock;
  readonly #stacks = new Map<string, Stack>();

  constructor(accountId: string, region: string, clock: Clock) {
    this.#accountId = accountId;
    this.#region = region;
    this.#clock = clock;
  }

  /** Says what was deployed. A stack of the same name is replaced. */
  put(written: Omit<Stack, 'arn' | 'status' | 'deployedAt'>): Stack {
    const arn = stackArn({ account: this.#accountId, region: this.#region, stackName: written.name });
    const stack = { ...written, arn, status: 'CREATE_COMPLETE', deployedAt: this.#clock.now() };
    this.#stacks.set(written.name, stack);
    return stack;
  }

  delete(name: string): void {
    this.#stacks.delete(name);
  }

  /** By its name or its ARN. */
  find(name: string): Stack | undefined {
    return this.#stacks.get(name) ?? [...this.#stacks.values()].find(({ arn }) => arn === name);
  }
}

/** The ARN of a stack. Its id is the same for the same name. */
export function stackArn(place: {
  readonly account: string;
  readonly region: string;
  readonly stackName: string;
}): string {
  const { account, region, stackName } = place;
  const hex = createHash('sha256').update(`${account} ${region} ${stackName}`).digest('hex');
  const id = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
  return `arn:aws:cloudformation:${region}:${account}:stack/${stackName}/${id}`;
}
