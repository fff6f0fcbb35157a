import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import type { AuditReport } from '../../src/report/audit-report.ts';
import type { HowToImportHere } from './import-findings.ts';
import { readSecurityHubGenerator } from './settings.ts';

/**
 * Makes Security Hub say what a report says, if the settings ask for it. Never throws: the audit is over by then, and its report is
 * stored. Its metrics are the caller's to publish.
 */
export async function importFindingsIfAsked(
  readReport: () => AuditReport | Promise<AuditReport>,
  context: Context,
  how: Omit<HowToImportHere, 'generator'>,
): Promise<void> {
  const generator = readSecurityHubGenerator(process.env);
  if (generator === undefined) return;
  const { lines, metrics } = how;
  // Out before anything that can take long, or fail.
  if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
  try {
    // In the package only with the setting: the client is large.
    const { importFindingsHere } = await import('./import-findings.ts');
    await importFindingsHere(await readReport(), context, { ...how, generator });
  } catch (error) {
    metrics.addMetric('SecurityHubFailures', MetricUnit.Count, 1);
    lines.error('security-hub-failed', { error: error as Error });
  }
}
