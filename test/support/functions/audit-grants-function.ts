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

/** The metrics of an audit, by name. Each is a count, in one blob, without dimensions of its own. */
export function metricsOf(blobs: readonly LogEntry[]): Record<string, number> {
  const [blob, ...more] = blobs as { _aws: { CloudWatchMetrics: { Metrics: { Name: string; Unit: string }[] }[] } }[];
  if (blob === undefined || more.length > 0) throw new Error(`there is not one blob of metrics but ${blobs.length}`);
  const metrics = blob._aws.CloudWatchMetrics.flatMap(({ Metrics }) => Metrics);
  const wrong = metrics.find(({ Unit }) => Unit !== 'Count');
  if (wrong !== undefined) throw new Error(`${wrong.Name} is no count`);
  return Object.fromEntries(
    metrics.map(({ Name }) => [Name, (blob as unknown as Record<string, number>)[Name]]),
  ) as Record<string, number>;
}
