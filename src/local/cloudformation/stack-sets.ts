import { createHash } from 'node:crypto';

/** One stack of a StackSet, as ListStackInstances answers it. */
export interface StackInstance {
  readonly StackSetId: string;
  readonly Region: string;
  readonly Account: string;
  readonly StackId: string;
  readonly Status: 'CURRENT' | 'OUTDATED' | 'INOPERABLE';
  readonly StatusReason?: string;
  readonly StackInstanceStatus: { readonly DetailedStatus: string };
  readonly OrganizationalUnitId?: string;
}

export interface StackSet {
  readonly name: string;
  readonly id: string;
  /** By account and region. */
  readonly instances: Map<string, StackInstance>;
}

/** What is known of one stack. */
export type WrittenInstance = Pick<
  StackInstance,
  'Account' | 'Region' | 'Status' | 'StatusReason' | 'OrganizationalUnitId'
>;

/** The service-managed StackSets of the organization. All are in the management account, no matter who made them. */
export class StackSets {
  readonly #sets = new Map<string, StackSet>();

  /** Says what happened to a stack; makes the StackSet if it is not there. */
  put(name: string, written: WrittenInstance): void {
    const set = this.#sets.get(name) ?? { name, id: `${name}:${uuidOf(name)}`, instances: new Map() };
    this.#sets.set(name, set);
    const { Account, Region, Status } = written;
    const place = `${Account} ${Region}`;
    const stack = `stack/StackSet-${name}-${uuidOf(place)}/${uuidOf(`${name} ${place}`)}`;
    set.instances.set(place, {
      StackSetId: set.id,
      StackId: `arn:aws:cloudformation:${Region}:${Account}:${stack}`,
      StackInstanceStatus: { DetailedStatus: Status === 'CURRENT' ? 'SUCCEEDED' : 'FAILED' },
      ...written,
    });
  }

  /** By its name or its id. */
  find(name: string): StackSet | undefined {
    return this.#sets.get(name) ?? [...this.#sets.values()].find(({ id }) => id === name);
  }
}

/** In the form of a UUID, and the same for the same text. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
