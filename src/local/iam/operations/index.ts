import type { Operation } from '../../operation.ts';
import { simulatePrincipalPolicy } from './simulate-principal-policy.ts';

/** The operations by the value of `Action`. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  Object.entries({ SimulatePrincipalPolicy: simulatePrincipalPolicy }),
);
