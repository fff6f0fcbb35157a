import type { Context } from 'aws-lambda';
import type { AuditReport } from '../../src/report/audit-report.ts';
import { hereOf } from './here.ts';

/** What a function needs after the report was stored, or was not, in milliseconds. */
const RESERVE_TO_RETURN = 1_000;

/** Puts a report into the bucket that the settings name, if they name one. The keys of its forms. */
export async function storeReportIfAsked(report: AuditReport, context: Context): Promise<string[]> {
  const bucket = process.env.INGRESS_GUARD_REPORT_BUCKET;
  if (!bucket) return [];
  // Loaded only now, because few audits have a bucket and all have a cold start.
  const [{ storeReport }, { toHtml }] = await Promise.all([
    import('../../src/aws/s3/store-report.ts'),
    import('../../src/report/html.ts'),
  ]);
  const timeUp = AbortSignal.timeout(Math.max(1, context.getRemainingTimeInMillis() - RESERVE_TO_RETURN));
  const page = await toHtml(report, { previous: [] });
  return await storeReport(
    bucket,
    { startedAt: report.startedAt, ...hereOf(context) },
    [
      { extension: 'json', contentType: 'application/json', body: JSON.stringify(report) },
      { extension: 'html', contentType: 'text/html; charset=utf-8', body: page },
    ],
    timeUp,
  );
}
