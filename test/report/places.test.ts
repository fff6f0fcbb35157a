import { describe, expect, it } from 'vitest';
import type { Place } from '../../src/policy/place.ts';
import type { AuditReport, AuditRun } from '../../src/report/audit-report.ts';
import { toCsv } from '../../src/report/csv.ts';
import { toHtml } from '../../src/report/html.ts';
import { toJson } from '../../src/report/json.ts';
import { toOcsf } from '../../src/report/ocsf.ts';
import { parseAuditReport } from '../../src/report/report-schema.ts';
import { toTerminalText } from '../../src/report/text.ts';
import { verdictOf } from '../../src/report/verdict.ts';
import { findingOf, grant, reportOf } from '../support/examples/audit-reports.ts';
import { ACCOUNT, REGION } from '../support/examples/grants.ts';
import { DENIED_RULES, findingsOf } from '../support/examples/vpc-audit-reports.ts';

const OTHER_ACCOUNT = '222233334444';
const OTHER_REGION = 'eu-west-1';
const HERE = { account: ACCOUNT, region: REGION };
const THERE = { account: OTHER_ACCOUNT, region: REGION };
const HERE_IN_EUROPE = { account: ACCOUNT, region: OTHER_REGION };
const THERE_IN_EUROPE = { account: OTHER_ACCOUNT, region: OTHER_REGION };
const PLACES = [HERE, HERE_IN_EUROPE, THERE, THERE_IN_EUROPE];

const judged = (place: Place) => ({ ...place, status: 'judged' as const, cacheSecurityGroups: 1, grants: 1 });
const failed = (place: Place, problem: string) => ({ ...judged(place), status: 'failed' as const, grants: 0, problem });
const listing = (place: Place, why: string) => ({ ...place, what: 'its cache security groups', why });

/** Of two accounts that have the same regions: in each account, another region could not be listed. */
function twoAccountsReport(run: Partial<AuditRun> = {}): AuditReport {
  return reportOf(
    [
      findingOf(grant('sessions', 'web')),
      findingOf(grant('sessions', 'web', { ...THERE_IN_EUROPE, owner: OTHER_ACCOUNT })),
    ],
    {
      expectedPlaces: PLACES,
      places: [
        judged(HERE),
        failed(HERE_IN_EUROPE, 'Throttling'),
        failed(THERE, 'AccessDenied'),
        judged(THERE_IN_EUROPE),
      ],
      notJudged: [listing(HERE_IN_EUROPE, 'Throttling'), listing(THERE, 'AccessDenied')],
      ...run,
    },
  );
}

/** The same, where nothing but the places themselves says that they failed. */
const silentReport = () => twoAccountsReport({ notJudged: [] });

const text = (report: AuditReport) => toTerminalText(report, { colour: false, width: 120 });
/** What somebody reads, roughly: the page without its data, script, styles and tags. */
const page = async (report: AuditReport) =>
  (await toHtml(report, { previous: [] }))
    .replace(/<(script|style)\b[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');

describe('a report of two accounts with the same regions, of which one failed in each', () => {
  it.each([
    ['and is named as not judged', twoAccountsReport()],
    ['and is not named as not judged', silentReport()],
  ])('comes to what could not be evaluated, in both of them: %s', (_, report) => {
    expect(verdictOf(report)).toMatchObject({
      kind: 'incomplete',
      complete: false,
      notJudged: [
        { ...HERE_IN_EUROPE, why: 'Throttling' },
        { ...THERE, why: 'AccessDenied' },
      ],
      regions: { expected: 4, judged: 2 },
    });
  });

  it('is not complete, even if all that is there was judged, without one of the places', () => {
    const places = PLACES.map(judged);

    const missed = places.map((_, i) => twoAccountsReport({ places: places.toSpliced(i, 1), notJudged: [] }));

    expect(twoAccountsReport({ places, notJudged: [] }).complete).toBe(true);
    expect(missed.map(({ complete }) => complete)).toEqual([false, false, false, false]);
    expect(missed.map((report) => verdictOf(report).notJudged)).toEqual(
      PLACES.map((place) => [{ ...place, what: 'all of it', why: 'the audit did not come to it' }]),
    );
  });

  it.each([
    ['and is named as not judged', twoAccountsReport()],
    ['and is not named as not judged', silentReport()],
  ])('names both places in a terminal, by region and account: %s', (_, report) => {
    const written = text(report);

    expect(written).toContain('2 not evaluated · 2 of 2 grants evaluated · 2 of 4 places evaluated\n');
    expect(written).toMatch(/^ {2}place +what +why\n/m);
    expect(written).toMatch(/^ {2}eu-west-1 of 111122223333 +\S.* Throttling$/m);
    expect(written).toMatch(/^ {2}us-east-1 of 222233334444 +\S.* AccessDenied$/m);
    expect(written).toContain(
      'places: us-east-1 of 111122223333, eu-west-1 of 111122223333, us-east-1 of 222233334444, eu-west-1 of 222233334444\n',
    );
  });

  it('says in the verdict where there may be more, and counts places that are too many to name', () => {
    const denied = findingOf(grant('sessions', 'unknown'));
    const accounts = Array.from({ length: 5 }, (_, i) => `22223333444${i}`);
    const many = accounts.map((account) => ({ account, region: REGION }));

    const few = twoAccountsReport({ findings: [denied] });
    const all = reportOf([denied], { expectedPlaces: [HERE, ...many], places: [judged(HERE)] });

    expect(text(few)).toContain(
      'Not everything was evaluated (eu-west-1 of 111122223333 and us-east-1 of 222233334444): there may be more.',
    );
    expect(text(all)).toContain('Not everything was evaluated (5 places): there may be more.');
  });

  it('names both places on the page, and both accounts', async () => {
    const written = await page(twoAccountsReport());

    expect(written).toContain('Places evaluated 2 of 4 expected');
    expect(written).toContain('Accounts 111122223333 , 222233334444 ');
    expect(written).toContain(
      'Places us-east-1 of 111122223333 , eu-west-1 of 111122223333 (not evaluated) , us-east-1 of 222233334444 (not evaluated) , eu-west-1 of 222233334444 ',
    );
    expect(written).toContain('eu-west-1 of 111122223333 its cache security groups Throttling');
    expect(written).toContain('us-east-1 of 222233334444 its cache security groups AccessDenied');
  });

  it('names on the page an account of which nothing could be judged, and so no finding tells', async () => {
    const report = reportOf([findingOf(grant('sessions', 'web'))], {
      expectedPlaces: [HERE, THERE],
      places: [judged(HERE), failed(THERE, 'AccessDenied')],
    });

    expect(await page(report)).toContain('Accounts 111122223333 , 222233334444 ');
  });

  it('has a row of CSV for each place, with its account', () => {
    const rows = toCsv(twoAccountsReport()).split('\r\n');

    expect(rows.filter((row) => row.startsWith('not-judged,')).map((row) => row.replace(/,,+/g, ',…,'))).toEqual([
      'not-judged,111122223333,eu-west-1,…,its cache security groups: Throttling,…,2027-02-03T04:05:06.789Z,…,',
      'not-judged,222233334444,us-east-1,…,its cache security groups: AccessDenied,…,2027-02-03T04:05:06.789Z,…,',
    ]);
  });

  it('has a finding of OCSF for each place, with its account, that is another than those of the other places', () => {
    const same = PLACES.map((place) => listing(place, 'Throttling'));
    const report = twoAccountsReport({ findings: [], notJudged: same });

    const events = toOcsf(report)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));

    expect(events.map(({ compliance }) => compliance.status)).toEqual(PLACES.map(() => 'Unknown'));
    expect(events.map(({ cloud }) => ({ account: cloud.account.uid, region: cloud.region }))).toEqual(PLACES);
    expect(events.map(({ message }) => message)).toEqual(
      PLACES.map(
        ({ account, region }) => `Not evaluated in ${region} of ${account}: its cache security groups: Throttling`,
      ),
    );
    for (const uidOf of [
      (event: (typeof events)[number]) => event.finding_info.uid,
      (event: (typeof events)[number]) => event.metadata.uid,
      (event: (typeof events)[number]) => event.resources[0].uid,
    ])
      expect(new Set(events.map(uidOf)).size).toBe(PLACES.length);
  });

  it.each([
    ['with what was not evaluated', twoAccountsReport()],
    ['without', silentReport()],
  ])('is read from JSON as it was written, %s', (_, report) => {
    expect(parseAuditReport(JSON.parse([...toJson(report)].join('')))).toEqual({ report });
  });

  it('counts a rule of the same id in each account as two revocations', () => {
    const [rule] = DENIED_RULES as [(typeof DENIED_RULES)[number]];
    const findings = [rule, { ...rule, ...THERE }].flatMap((one) => findingsOf(one, { outcome: 'held' }));

    const report = twoAccountsReport({ findings, maxRevocations: 1, mode: 'enforce' });

    expect(text(report)).toContain('None was revoked: 2 revocations would have been more than the limit of 1.');
  });
});
