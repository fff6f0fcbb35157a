import { describe, expect, test } from 'vitest';
import type { AuditReport } from '../../src/report/audit-report.ts';
import { toCsv } from '../../src/report/csv.ts';
import { toJson } from '../../src/report/json.ts';
import { toOcsf } from '../../src/report/ocsf.ts';
import { parseAuditReport } from '../../src/report/report-schema.ts';
import { toTerminalText } from '../../src/report/text.ts';
import { verdictOf } from '../../src/report/verdict.ts';
import { reportOf } from '../support/examples/audit-reports.ts';
import { organizationReport, organizationRun, REGIONS } from '../support/examples/organization-reports.ts';

const ACCOUNTS = 40;
const report = organizationReport({ accounts: ACCOUNTS, findings: 200, deniedEvery: 50 });
const clean = organizationReport({ accounts: 3, findings: 20, troubles: false });
const textOf = (one: AuditReport) => toTerminalText(one, { colour: false, width: 120 });
const readAgain = (one: AuditReport) => parseAuditReport(JSON.parse([...toJson(one)].join('')));
/** The account without its member role. */
const CLOSED = '100001000010';

describe('the report of an organization', () => {
  test('has every account × region once, by account, then by region, with name, path and counts', () => {
    expect(report.organization).toBe('o-ab12cd34ef');
    expect(report.targets).toHaveLength(ACCOUNTS * REGIONS.length);
    const keys = report.targets?.map(({ account, region }) => `${account} ${region}`) ?? [];
    expect(keys).toEqual([...new Set(keys)].sort());
    expect(report.targets?.[0]).toEqual({
      account: '100000000007',
      name: 'shop-prod-0',
      path: 'o-ab12cd34ef/r-ab12/ou-ab12-00000000/',
      region: 'af-south-1',
      status: 'judged',
      events: { status: 'watched' },
      counts: { caches: 2, grants: 3, denied: 1, notJudged: 0 },
    });
  });

  test('is the same whatever the order of its targets', () => {
    const { findings, run } = organizationRun({ accounts: ACCOUNTS, findings: 200, deniedEvery: 50 });

    const reversed = reportOf(findings, {
      ...run,
      targets: run.targets.toReversed(),
      accounts: run.accounts.toReversed(),
    });

    expect([...toJson(reversed)]).toEqual([...toJson(report)]);
  });

  test('is read again as it was written', () => {
    expect(readAgain(report)).toEqual({ report });
    expect(readAgain(clean)).toEqual({ report: clean });
  });

  test('is not complete if a target was not evaluated, though nothing else says so', () => {
    const { findings, run } = organizationRun({ accounts: 3, findings: 20, troubles: false });
    const [first, ...rest] = run.targets;
    const { account = '', region = '' } = first ?? {};
    const lost = { account, region, status: 'not-judged', why: 'no-result' } as const;

    const open = reportOf(findings, { ...run, targets: [lost, ...rest] });

    expect(open).toMatchObject({ complete: false, unusedRules: [] });
    expect(verdictOf(open)).toMatchObject({ kind: 'incomplete', complete: false, notJudged: [{ account, region }] });
    expect(verdictOf(clean).kind).toBe('clean');
  });

  test.each<[string, string, (one: AuditReport) => Partial<AuditReport>]>([
    ['a target twice', 'twice', ({ targets = [] }) => ({ targets: [...targets, ...targets.slice(0, 1)] })],
    [
      'a target without a place that was to be evaluated',
      'and expected.places does not',
      ({ expected }) => ({ expected: { ...expected, places: expected.places.slice(1) } }),
    ],
    ['a place without a target', 'targets does not say that', ({ targets = [] }) => ({ targets: targets.slice(1) })],
    [
      'a target that is judged only in targets',
      'was evaluated, and regions does not',
      ({ targets = [] }) => ({
        targets: targets.map(({ account, region }) => ({ account, region, status: 'judged' })),
      }),
    ],
    ['all of it complete', 'complete is true, but', () => ({ complete: true })],
  ])('is refused if it says %s', (_, problem, change) => {
    const { problems } = readAgain({ ...report, ...change(report) });

    expect(problems?.join('; ')).toContain(problem);
  });
});

describe('what was not evaluated in an organization', () => {
  test('leads the text by cause, with its accounts and what to do', () => {
    const text = textOf(report);

    expect(text.split('\n\n')[1]).toBe(
      `Not evaluated: 17 places in 1 account, because the member role cannot be assumed: it is missing, or its trust policy does not name the hub
  ${CLOSED} (search-test-1)
  Answer: AccessDenied: not authorized to perform sts:AssumeRole
Do: look whether the stack set has deployed the member roles to these accounts. It does not reach the management account: deploy the template there yourself.`,
    );
    expect(text).toMatch(/^21 places were not evaluated: the member role cannot be assumed/m);
    expect(text).toContain('Events not watched: 1 place in 1 account, because the EventBridge rule is disabled');
    expect(text).toContain(
      '680 places in 40 accounts: 623 evaluated, 21 not evaluated, 19 not applicable, 17 excluded',
    );
  });

  test('is said once: what names all of a target is in its cause, the rest one by one', () => {
    const text = textOf(report);

    expect(text).toContain('Not evaluated: 1\n');
    expect(text).toMatch(/eu-west-1 of 100015000052 \(shop-prod-15\) +cache sessions +it is being created/);
  });

  test('is a row of CSV and a finding of OCSF for each, with the name of the account', () => {
    const rows = toCsv(report).split('\r\n');
    const lines = toOcsf(report)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));

    expect(rows.filter((row) => row.startsWith('target,'))).toHaveLength(ACCOUNTS * REGIONS.length);
    expect(rows.filter((row) => row.startsWith('target,') && row.includes(',not-judged,'))).toHaveLength(21);
    expect(rows.find((row) => row.startsWith(`target,${CLOSED}`))).toMatch(
      /search-test-1,o-ab12cd34ef\/r-ab12\/ou-ab12-11111111\//,
    );
    const unknown = lines.filter(({ compliance }) => compliance.status_code === 'not-judged');
    expect(unknown).toHaveLength(21);
    expect(unknown[0].cloud.account).toMatchObject({ uid: CLOSED, name: 'search-test-1' });
  });
});

describe('names of an organization', () => {
  test('reach no terminal as anything but text', () => {
    const named = { ...report, organization: 'a\u001b[31m' };
    const escaped = {
      ...named,
      targets: named.targets?.map((one) => ({ ...one, name: 'a\u001b[31m' })),
    } as AuditReport;
    expect(textOf(escaped)).not.toContain('\u001b');
  });
});
