import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import { SecurityHubNotEnabledError, securityHubAt } from '../../src/aws/securityhub/security-hub.ts';
import { type MemberSessions, memberSessions } from '../../src/aws/sts/member-sessions.ts';
import { explainFailure } from '../../src/aws/why-not-judged.ts';
import type { Place } from '../../src/policy/place.ts';
import type { AuditReport } from '../../src/report/audit-report.ts';
import { importFindings, type PlaceImport } from '../../src/security-hub/import-findings.ts';
import { hereOf } from './here.ts';
import type { Lines } from './lines-of.ts';
import { readFindingsRole } from './organization-settings.ts';

export interface HowToImportHere {
  /** The name of the stack. */
  readonly generator: string;
  /** Of the run of an organization: its name. Then each account's findings are imported with a session of its own role. */
  readonly run?: string;
  readonly lines: Lines;
  readonly metrics: Metrics;
}

/** What a function needs after the last call to Security Hub, to log the result and to return, in milliseconds. */
const RESERVE = 3_000;
const MOST_NAMED = 20;

/**
 * Makes Security Hub say what a report says, and records the outcome: what was not imported is in the log, and the metric
 * `SecurityHubFailures` counts it.
 */
export async function importFindingsHere(report: AuditReport, context: Context, how: HowToImportHere): Promise<void> {
  record(await importNow(report, context, how), how);
}

async function importNow(
  report: AuditReport,
  context: Context,
  { generator, run }: HowToImportHere,
): Promise<PlaceImport[]> {
  const left = context.getRemainingTimeInMillis() - RESERVE;
  const timeUp = left > 0 ? AbortSignal.timeout(left) : AbortSignal.abort();
  const sessions = run === undefined ? undefined : sessionsOf(run, context);
  const here = hereOf(context);
  return await importFindings({
    report,
    // Stacks of one name, in several accounts or regions, can audit the same places, each with an allowlist of its own.
    generator: `${generator}/${here.account}/${here.region}`,
    timeUp,
    connect({ account, region }) {
      const credentials = sessions?.read(account);
      return securityHubAt({ region, ...(credentials && { credentials }) }, timeUp);
    },
    isNotEnabled: (error) => error instanceof SecurityHubNotEnabledError,
    explain: (error) => explainFailure(error).detail,
  });
}

function sessionsOf(run: string, context: Context): MemberSessions {
  return memberSessions({
    region: hereOf(context).region,
    readRole: readFindingsRole(process.env),
    purpose: () => run,
  });
}

function record(places: readonly PlaceImport[], { lines, metrics }: HowToImportHere): void {
  const sum = (of: (one: PlaceImport) => number): number => places.reduce((total, one) => total + of(one), 0);
  const having = (status: PlaceImport['status']) => places.filter((one) => one.status === status);
  const refused = places.flatMap((one) => one.refused);
  const [failed, late] = [having('failed'), having('no-time-left')];
  const counts = {
    imported: sum(({ imported }) => imported),
    archived: sum(({ archived }) => archived),
    unchanged: sum(({ unchanged }) => unchanged),
    refused: refused.length,
  };
  metrics.addMetric('FindingsImported', MetricUnit.Count, counts.imported);
  metrics.addMetric('FindingsArchived', MetricUnit.Count, counts.archived);
  metrics.addMetric('SecurityHubFailures', MetricUnit.Count, refused.length + failed.length + late.length);
  lines.info('security-hub', { ...counts, places: having('done').length });
  const notEnabled = having('not-enabled');
  if (notEnabled.length > 0) {
    lines.warn('security-hub-not-enabled', {
      places: named(notEnabled),
      count: notEnabled.length,
      whatToDo: 'enable Security Hub there, or deploy without the setting securityHub: nothing was imported there',
    });
  }
  if (refused.length > 0)
    lines.error('findings-refused', { refused: refused.slice(0, MOST_NAMED), count: refused.length });
  if (failed.length > 0) {
    const problems = failed.slice(0, MOST_NAMED).map(({ account, region, problem }) => ({ account, region, problem }));
    lines.error('security-hub-failed', { places: problems, count: failed.length });
  }
  if (late.length > 0) {
    lines.error('security-hub-not-reached', {
      places: named(late),
      count: late.length,
      whatToDo: 'nothing: the next audit imports them. If this goes on, audit fewer regions or accounts',
    });
  }
}

function named(places: readonly Place[]): string[] {
  return places.slice(0, MOST_NAMED).map(({ account, region }) => `${account} ${region}`);
}
