import type { AuditReport } from '../../src/report/audit-report.ts';

/** What the audit returns, so that a destination can carry it on: the report without its findings and targets, its lists cut short. */
export interface AuditSummary extends Omit<AuditReport, 'findings' | 'targets'> {
  /** The keys under which the report was stored. */
  readonly storedAs: readonly string[];
}

/** Lambda hands on 256 KB and no more; the counts and the stored report cover all. */
const MOST_OF_A_LIST = 50;

export function toAuditSummary(
  { findings, targets, ...report }: AuditReport,
  storedAs: readonly string[],
): AuditSummary {
  return {
    ...report,
    notJudged: report.notJudged.slice(0, MOST_OF_A_LIST),
    expiringRules: report.expiringRules.slice(0, MOST_OF_A_LIST),
    unusedRules: report.unusedRules.slice(0, MOST_OF_A_LIST),
    ...(report.warnings && { warnings: report.warnings.slice(0, MOST_OF_A_LIST) }),
    storedAs,
  };
}
