import { stringify } from 'csv-stringify/sync';
import type { Finding, NotJudged } from '../policy/finding.ts';
import type { Grant } from '../policy/grant.ts';
import { describeNotJudged } from '../policy/target.ts';
import type { AuditReport, ReportTarget } from './audit-report.ts';
import { callerOf } from './made-by-words.ts';
import { accountNames } from './organization.ts';
import { whyHeld } from './revocations.ts';
import { verdictOf } from './verdict.ts';

const COLUMNS = [
  'record',
  'account',
  'region',
  'cacheSecurityGroupName',
  'ec2SecurityGroupName',
  'ec2SecurityGroupOwnerId',
  'status',
  'effect',
  'outcome',
  'rule',
  'reasons',
  'problem',
  'revocationRequestId',
  'verifiedGone',
  'startedAt',
  // Anyone who reads by place finds the columns above where they always were.
  'cacheName',
  'ports',
  'securityGroupId',
  'securityGroupRuleId',
  'sourceCidr',
  'sourcePrefixListId',
  'sourceSecurityGroupId',
  'sourceSecurityGroupOwnerId',
  'ipProtocol',
  'fromPort',
  'toPort',
  'description',
  'remark',
  'clusterNames',
  'sourceSecurityGroupName',
  'heldBecause',
  'publicEndpoint',
  'accountName',
  'accountPath',
  'events',
  'madeByEvent',
  'madeBy',
  'madeThrough',
  'madeAt',
  'madeByEventId',
] as const;

type Row = Partial<Record<(typeof COLUMNS)[number], string>>;

/**
 * The report as CSV (RFC 4180): a row for each finding, then a row for each thing that was not judged, and of an organization a row for
 * each target.
 *
 * Spreadsheets take a cell that begins with `=`, `+`, `-`, `@`, a tab or a line break for a formula, and names may begin
 * so. Such a cell gets one `'` in front, which spreadsheets take for "this is text". So does a cell that begins with `'`
 * itself; so anyone who wants the value drops one leading `'`, and nothing is lost.
 */
export function toCsv(report: AuditReport): string {
  const common: Row = { startedAt: report.startedAt };
  const { findings, targets = [] } = report;
  const names = accountNames(report);
  const named = (row: Row): Row => ({ ...row, accountName: names.get(row.account ?? '') ?? '' });
  const rows = [
    ...[...findings.map(findingRow), ...verdictOf(report).notJudged.map(notJudgedRow)].map(named),
    ...targets.map(targetRow),
  ];
  return stringify(
    rows.map((row) => COLUMNS.map((column) => guard({ ...common, ...row }[column] ?? ''))),
    { header: true, columns: [...COLUMNS], record_delimiter: 'windows', quoted_match: /^'|[;\r\n]/ },
  );
}

function findingRow(finding: Finding): Row {
  const { grant, status, decision, outcome, problem, revocationRequestId, verifiedGone } = finding;
  const { ipProtocol, fromPort, toPort, description } = finding.securityGroupRule ?? {};
  return {
    record: 'finding',
    account: grant.account,
    region: grant.region,
    ...reachCells(grant),
    status,
    effect: decision.effect,
    outcome,
    ...(decision.effect === 'allow'
      ? { rule: decision.rule }
      : { rule: decision.reasons[0]?.rule ?? '', reasons: decision.reasons.map(({ text }) => text).join('; ') }),
    problem: problem ?? '',
    revocationRequestId: revocationRequestId ?? '',
    verifiedGone: cell(verifiedGone),
    ipProtocol: ipProtocol ?? '',
    fromPort: cell(fromPort),
    toPort: cell(toPort),
    description: description ?? '',
    remark: finding.remark ?? '',
    heldBecause: whyHeld(finding) ?? '',
    ...madeByCells(finding),
  };
}

function madeByCells({ madeBy }: Finding): Row {
  if (madeBy === undefined) return {};
  const { eventName, eventTime, eventId, grantedBy } = madeBy;
  return {
    madeByEvent: eventName,
    madeBy: callerOf(madeBy),
    madeThrough: grantedBy.invokedBy ?? '',
    madeAt: eventTime ?? '',
    madeByEventId: eventId ?? '',
  };
}

function cell(value: number | boolean | undefined): string {
  return value === undefined ? '' : String(value);
}

function reachCells(grant: Grant): Row {
  if (grant.kind !== 'vpc') return { ...grant.target, ...grant.source };
  const { ports, clusterNames = [], ...target } = grant.target;
  const { source } = grant;
  return {
    ...target,
    clusterNames: clusterNames.join('; '),
    ports: ports.join('; '),
    ...(source.kind === 'internet' && { publicEndpoint: 'true' }),
    ...(source.kind === 'cidr' && { sourceCidr: source.cidr }),
    ...(source.kind === 'prefixList' && { sourcePrefixListId: source.prefixListId }),
    ...(source.kind === 'securityGroup' && {
      sourceSecurityGroupId: source.securityGroupId,
      sourceSecurityGroupName: source.securityGroupName ?? '',
      sourceSecurityGroupOwnerId: source.securityGroupOwnerId ?? '',
    }),
  };
}

function notJudgedRow({ account, region, what, why }: NotJudged): Row {
  return { record: 'not-judged', account, region, problem: `${what}: ${why}` };
}

/** A target of an organization: the status of what was to be evaluated, and why it was not. */
function targetRow(target: ReportTarget): Row {
  const { account, name, path, region, status } = target;
  const events = 'events' in target ? target.events : undefined;
  const why = target.status === 'not-judged' ? describeNotJudged(target.why, target.detail) : '';
  const notApplicable = target.status === 'not-applicable' ? [target.why, target.detail ?? ''].join(' ').trim() : '';
  const notWatched = events?.status === 'not-watched' ? [events.why, events.detail ?? ''].join(' ').trim() : '';
  return {
    record: 'target',
    account,
    accountName: name ?? '',
    accountPath: path ?? '',
    region,
    status,
    problem: why || notApplicable,
    events: notWatched === '' ? (events?.status ?? '') : `not-watched: ${notWatched}`,
  };
}

// Also the full-width forms, which spreadsheets of some languages read like the narrow ones.
function guard(value: string): string {
  return /^['=+\-@\t\r\n＝＋－＠]/.test(value) ? `'${value}` : value;
}
