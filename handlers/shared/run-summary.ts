import type { ClosedRun } from '../../src/organization/close-run.ts';
import { countNotWatched } from '../../src/organization/member-events.ts';
import type { TargetState } from '../../src/policy/target.ts';
import type { AuditReport } from '../../src/report/audit-report.ts';
import { type AuditSummary, toAuditSummary } from './audit-summary.ts';

/** What a run of an organization comes to, short enough for a destination of Lambda and for Step Functions. */
export interface RunSummary extends AuditSummary {
  readonly run: string;
  /** How many targets there are of each status. */
  readonly targets: Readonly<Record<TargetState['status'], number>>;
  /** How many targets' events do not reach the hub, or may not. */
  readonly notWatched: number;
}

/** Places are by the thousand. The stored report has all of them. */
const MOST_PLACES = 50;

export function toRunSummary(
  run: string,
  report: AuditReport,
  { targets }: Pick<ClosedRun, 'targets'>,
  storedAs: readonly string[],
): RunSummary {
  const { regions, places } = report.expected;
  const counted = { judged: 0, 'not-judged': 0, 'not-applicable': 0, excluded: 0 };
  for (const { status } of targets) counted[status]++;
  return {
    ...toAuditSummary(withFewPlaces(report), storedAs),
    expected: { regions, places: places.slice(0, MOST_PLACES) },
    run,
    targets: counted,
    notWatched: countNotWatched(targets),
  };
}

/** A report with the places that failed first, and not all of the others. */
export function withFewPlaces(report: AuditReport): AuditReport {
  const isFailed = ({ status }: AuditReport['regions'][number]): boolean => status === 'failed';
  const failed = report.regions.filter(isFailed);
  const others = report.regions.filter((one) => !isFailed(one));
  return { ...report, regions: [...failed, ...others].slice(0, MOST_PLACES) };
}
