import type { AuditSummary } from '../../../handlers/shared/audit-summary.ts';
import { allowlistFile } from './enforce-ingress-function.ts';
import { type Invoke, type LogEntry, startFunction } from './lambda-function.ts';

/** The function that a schedule invokes, after a cold start in mode enforce, with the allowlist of most tests. */
export async function startAuditGrants(environment: Record<string, string | undefined>): Promise<Invoke<AuditSummary>> {
  return startFunction(() => import('../../../handlers/audit-grants.ts'), {
    INGRESS_GUARD_ALLOWLIST: await allowlistFile(),
    INGRESS_GUARD_MODE: 'enforce',
    ...environment,
  });
}

/** The metrics of an audit, by name, as CloudWatch sums them up. Each is a count, without dimensions of its own. */
export function metricsOf(blobs: readonly LogEntry[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const blob of blobs as readonly Blob[]) {
    for (const { Name, Unit } of blob._aws.CloudWatchMetrics.flatMap(({ Metrics }) => Metrics)) {
      if (Unit !== 'Count') throw new Error(`${Name} is no count`);
      sums[Name] = (sums[Name] ?? 0) + Number(blob[Name]);
    }
  }
  return sums;
}

type Blob = LogEntry & { readonly _aws: { CloudWatchMetrics: { Metrics: { Name: string; Unit: string }[] }[] } };
