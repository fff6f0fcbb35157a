import type { Operation } from '../../operation.ts';
import { batchImportFindings } from './batch-import-findings.ts';
import { enableSecurityHub } from './enable-security-hub.ts';
import { getFindings } from './get-findings.ts';

/** The operations by name. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  Object.entries({
    BatchImportFindings: batchImportFindings,
    EnableSecurityHub: enableSecurityHub,
    GetFindings: getFindings,
  }),
);
