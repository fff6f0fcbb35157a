import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/policy/finding.ts';
import type { AuditReport, AuditRun } from '../../src/report/audit-report.ts';
import { toHtml } from '../../src/report/html.ts';
import { toMarkdown } from '../../src/report/markdown.ts';
import { describeSince, sinceLatest } from '../../src/report/since.ts';
import { toTerminalText } from '../../src/report/text.ts';
import { REGION } from '../support/examples/grants.ts';
import { REGIONS } from '../support/examples/organization-reports.ts';
import { findingsOf, rule, vpcRegion, vpcReportOf } from '../support/examples/vpc-audit-reports.ts';

const ORDERS = [{ cacheName: 'orders', ports: [6379] }];
const OTHER_REGION = REGIONS[0];
const OTHER_ACCOUNT = '222222222222';

/** A rule that no allowlist rule allows, unless it is of the office: 10.20.0.0/16. */
const open = (number: number, cidr: string, act?: Parameters<typeof findingsOf>[1], place: object = {}): Finding[] =>
  findingsOf(rule(number, { kind: 'cidr', cidr }, place), act, ORDERS);

const FIRST = new Date('2026-10-01T00:00:00.000Z');
const auditOf = (findings: readonly Finding[], run: Partial<AuditRun> = {}): AuditReport => vpcReportOf(findings, run);
const earlier = (findings: readonly Finding[], run: Partial<AuditRun> = {}): AuditReport =>
  auditOf(findings, { startedAt: FIRST, finishedAt: FIRST, ...run });

/** An earlier audit of another account, in another region. */
const atOther = (findings: readonly Finding[], run: Partial<AuditRun> = {}): AuditReport =>
  earlier(findings, {
    expectedPlaces: [{ account: OTHER_ACCOUNT, region: OTHER_REGION }],
    places: [vpcRegion(findings, OTHER_REGION, OTHER_ACCOUNT)],
    ...run,
  });

const rulesOf = (findings: readonly Finding[]) =>
  findings.map(
    ({ grant }) => grant.kind === 'vpc' && Number.parseInt((grant.target.securityGroupRuleId ?? '').slice(4), 16),
  );

function compared(report: AuditReport, ...previous: readonly AuditReport[]) {
  const since = sinceLatest(report, previous);
  if (since === undefined) return undefined;
  const { appeared, perhapsNew, gone, notSeen, remained, startedAt } = since;
  return {
    startedAt,
    appeared: rulesOf(appeared),
    perhapsNew: rulesOf(perhapsNew),
    gone: gone.map(({ finding, how }) => [rulesOf([finding])[0], how]),
    notSeen: rulesOf(notSeen),
    remained,
  };
}

describe('what is different since an earlier audit', () => {
  test('is what stands now and did not then, and what stood then and does not now, with how it ended', () => {
    const then = earlier([
      ...open(1, '192.0.2.1/32'),
      ...open(2, '192.0.2.2/32'),
      ...open(3, '192.0.2.3/32'),
      ...open(4, '198.51.100.0/24'),
    ]);
    const now = auditOf([
      ...open(1, '192.0.2.1/32'),
      ...open(2, '192.0.2.2/32', { outcome: 'revoked' }),
      ...open(5, '0.0.0.0/0'),
    ]);

    expect(compared(now, then)).toEqual({
      startedAt: FIRST.toISOString(),
      appeared: [5],
      perhapsNew: [],
      gone: [
        [4, 'removed'],
        [2, 'revoked'],
        [3, 'removed'],
      ],
      notSeen: [],
      remained: 1,
    });
  });

  test('counts what the allowlist allows now as gone, and says that it is allowed', () => {
    const [denied] = open(1, '10.20.4.0/24') as [Finding];
    const then = earlier([{ ...denied, decision: { effect: 'deny', reasons: [] }, outcome: 'would-revoke' }]);

    expect(compared(auditOf([denied]), then)).toMatchObject({ gone: [[1, 'allowed']], remained: 0 });
  });

  test('has an edited rule as a new grant, and the one of before as gone', () => {
    expect(compared(auditOf(open(1, '0.0.0.0/0')), earlier(open(1, '192.0.2.1/32')))).toMatchObject({
      appeared: [1],
      gone: [[1, 'removed']],
    });
  });

  test.each<[string, Partial<AuditRun>]>([
    ['the region was not looked at', { places: [], expectedPlaces: [] }],
    ['the region failed', { places: [{ ...vpcRegion([]), status: 'failed', problem: 'Throttling' }] }],
    [
      'something there was not evaluated',
      {
        notJudged: [{ account: vpcRegion([]).account, region: REGION, what: 'cache carts', why: 'it has no port yet' }],
      },
    ],
    ['its caches were not looked at', { places: [(({ caches, ...place }) => place)(vpcRegion([]))] }],
  ])('takes nothing for gone, and nothing for new, where %s', (_, run) => {
    const isOpen = open(1, '192.0.2.1/32');

    expect(compared(auditOf([], run), earlier(isOpen))).toMatchObject({ gone: [], notSeen: [1] });
    expect(compared(auditOf(isOpen), earlier([], run))).toMatchObject({ appeared: [], perhapsNew: [1] });
  });

  test('compares each account and region of an organization for itself', () => {
    const there = { account: OTHER_ACCOUNT, region: OTHER_REGION };
    const places = [vpcRegion([]), vpcRegion([], OTHER_REGION, OTHER_ACCOUNT)];
    const failed = [vpcRegion([]), { ...vpcRegion([], OTHER_REGION, OTHER_ACCOUNT), status: 'failed' as const }];
    const then = earlier([...open(1, '192.0.2.1/32'), ...open(1, '192.0.2.1/32', undefined, there)], { places });
    const now = auditOf(open(2, '192.0.2.2/32'), { places: failed });

    expect(compared(now, then)).toMatchObject({ appeared: [2], gone: [[1, 'removed']], notSeen: [1], remained: 0 });
  });

  test('is told from the latest of the audits before this one', () => {
    const second = earlier(open(2, '192.0.2.2/32'), { startedAt: new Date('2026-10-02T00:00:00.000Z') });
    const later = earlier(open(3, '192.0.2.3/32'), { startedAt: new Date('2099-01-01T00:00:00.000Z') });

    expect(compared(auditOf([]), second, earlier(open(1, '192.0.2.1/32')), later)).toMatchObject({
      gone: [[2, 'removed']],
    });
    expect(compared(auditOf([]), later)).toBeUndefined();
  });

  test('is from the latest that looked at a place of this audit, where audits of other places are between', () => {
    const same = earlier(open(1, '192.0.2.1/32'));
    const elsewhere = atOther([], { startedAt: new Date('2026-10-02T00:00:00.000Z') });

    expect(compared(auditOf(open(1, '192.0.2.1/32')), elsewhere, same)).toMatchObject({
      startedAt: same.startedAt,
      remained: 1,
    });
  });

  test('never reads as if nothing were new where the earlier audit looked at other places', () => {
    const now = auditOf(open(2, '192.0.2.2/32'));

    const [first] = describeSince(sinceLatest(now, [atOther([])]) ?? expect.fail('nothing was compared'));

    expect(first).toBe('Since the audit of 2026-10-01 00:00:00 UTC: 0 new, 1 perhaps new, 0 gone, 0 still stand.');
  });

  test('counts what may still stand in the first sentence, next to what is gone', () => {
    const then = earlier(open(1, '192.0.2.1/32'));
    const now = auditOf([], { places: [{ ...vpcRegion([]), status: 'failed' as const }] });

    const [first] = describeSince(sinceLatest(now, [then]) ?? expect.fail('nothing was compared'));

    expect(first).toBe(
      'Since the audit of 2026-10-01 00:00:00 UTC: 0 new, 0 gone, 1 perhaps still there, 0 still stand.',
    );
  });

  test('is said in a sentence, with a warning if the allowlist changed', () => {
    const then = earlier(open(1, '192.0.2.1/32'), { allowlistSha256: 'another' });
    const since = sinceLatest(auditOf(open(2, '192.0.2.2/32')), [then]);

    expect(since && describeSince(since)).toEqual([
      'Since the audit of 2026-10-01 00:00:00 UTC: 1 new, 1 gone, 0 still stand.',
      'The allowlist changed in between.',
    ]);
  });
});

describe('the forms for people', () => {
  const there = { account: OTHER_ACCOUNT, region: OTHER_REGION };
  const places = [vpcRegion([]), vpcRegion([], OTHER_REGION, OTHER_ACCOUNT)];
  const then = earlier(open(0xa1, '192.0.2.1/32', undefined, there), { places });
  const now = auditOf(open(0xb2, '192.0.2.2/32'), { places });
  const [gone, added] = ['sgr-000000000000000a1', 'sgr-000000000000000b2'];

  test.each<[string, (previous: readonly AuditReport[]) => string | Promise<string>]>([
    ['text', (previous) => toTerminalText(now, { colour: false, width: 200, previous })],
    ['HTML', (previous) => toHtml(now, { previous })],
    ['Markdown', (previous) => toMarkdown(now, { previous })],
  ])('show what is new and what is gone, of several accounts too: %s', async (_, write) => {
    const text = await write([then]);

    expect(text).toMatch(/1 new, 1 gone, 0 still stand/);
    for (const part of [gone, added, 'not there any more', OTHER_ACCOUNT]) expect(text).toContain(part);
    expect(await write([])).not.toContain(gone);
  });
});
