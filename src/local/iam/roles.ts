import { createHash } from 'node:crypto';
import type { Role } from './caller.ts';
import { compilePolicy } from './policy.ts';

/** A role as a template writes it: documents are plain JSON. */
export interface WrittenRole {
  readonly name: string;
  /** `/` if not given. */
  readonly path?: string;
  readonly trustPolicy: unknown;
  /** What it may do; everything if not given. */
  readonly policies?: readonly unknown[];
  /** An hour, as on AWS, if not given. */
  readonly maxSessionSeconds?: number;
}

/** The roles of one account, which all its regions share. */
export class Roles {
  readonly #accountId: string;
  readonly #roles = new Map<string, Role>();

  constructor(accountId: string) {
    this.#accountId = accountId;
  }

  /**
   * Makes a role, or makes it again.
   *
   * @throws if a policy is malformed, or uses what is not known here.
   */
  put({ name, path = '/', trustPolicy, policies, maxSessionSeconds = 3600 }: WrittenRole): Role {
    const accountId = this.#accountId;
    const arn = `arn:aws:iam::${accountId}:role${path}${name}`;
    const role: Role = {
      accountId,
      name,
      arn,
      id: `AROA${createHash('sha256').update(arn).digest('hex').slice(0, 17).toUpperCase()}`,
      trust: compilePolicy(trustPolicy, true),
      ...(policies && { policies: policies.map((document) => compilePolicy(document)) }),
      maxSessionSeconds,
    };
    this.#roles.set(name, role);
    return role;
  }

  delete(name: string): void {
    this.#roles.delete(name);
  }

  /** By its whole ARN, path and all. */
  find(arn: string): Role | undefined {
    return [...this.#roles.values()].find((role) => role.arn === arn);
  }
}
