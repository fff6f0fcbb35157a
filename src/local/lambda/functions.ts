/** A function as Lambda has it. What runs it is another thing: `deploy` of the local AWS. */
export interface FunctionConfiguration {
  readonly name: string;
  readonly arn: string;
  readonly role: string;
  /** The name of the queue that gets what Lambda gave up on, and of the log group that gets its lines. */
  readonly deadLetterQueue?: string;
  readonly logGroup?: string;
  /** What may be changed, to try what that leads to. */
  environment: Readonly<Record<string, string>>;
  state: 'Active' | 'Failed' | 'Inactive' | 'Pending';
  /** `undefined`: the function shares what the account has. */
  reservedConcurrency?: number;
  /** Who may invoke it: the statements of its policy. */
  policy: readonly PolicyStatement[];
}

/** What one AddPermission adds. */
export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Principal: { readonly Service: string };
  readonly Action: string;
  readonly Resource: string;
  readonly Condition?: { readonly ArnLike: { readonly 'AWS:SourceArn': string } };
}

/** The functions of one account in one region. */
export class Functions {
  readonly #functions = new Map<string, FunctionConfiguration>();

  put(written: Omit<FunctionConfiguration, 'state' | 'policy'>): FunctionConfiguration {
    const made: FunctionConfiguration = { ...written, state: 'Active', policy: [] };
    this.#functions.set(made.name, made);
    return made;
  }

  delete(name: string): void {
    this.#functions.delete(name);
  }

  /** By its name or its ARN. */
  find(name: string): FunctionConfiguration | undefined {
    return this.#functions.get(name) ?? [...this.#functions.values()].find(({ arn }) => arn === name);
  }
}
