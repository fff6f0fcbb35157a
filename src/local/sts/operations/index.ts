import type { Operation } from '../../operation.ts';
import { assumeRole } from './assume-role.ts';
import { getCallerIdentity } from './get-caller-identity.ts';

/** The operations by the value of `Action`. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  Object.entries({ AssumeRole: assumeRole, GetCallerIdentity: getCallerIdentity }),
);
