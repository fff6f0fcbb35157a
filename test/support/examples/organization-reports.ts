import type { Finding, NotJudged, PlaceAudit } from '../../../src/policy/finding.ts';
import { type Place, placeKey } from '../../../src/policy/place.ts';
import { describeNotJudged, type Target, type TargetState } from '../../../src/policy/target.ts';
import type { AuditReport, AuditRun, ReportAccount } from '../../../src/report/audit-report.ts';
import { compile, findingOf, grant, HOSTILE_NAMES, RULES, reportOf } from './audit-reports.ts';
import { STRANGER } from './grants.ts';

export const REGIONS = [
  'af-south-1',
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ca-central-1',
  'eu-central-1',
  'eu-north-1',
  'eu-south-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'sa-east-1',
  'us-east-1',
  'us-east-2',
  'us-west-2',
] as const;

const TEAMS = ['shop', 'search', 'payments', 'identity', 'media'];

/** What goes wrong, in one of 40 accounts each: 5 % of them fail in all of it, or in a part. */
const TROUBLES: Readonly<Record<number, (region: number) => TargetState | undefined>> = {
  1: () => ({
    status: 'not-judged',
    why: 'member-role-missing',
    detail: 'AccessDenied: not authorized to perform sts:AssumeRole',
  }),
  3: (region) => (region === 9 ? { status: 'not-judged', why: 'denied-by-service-control-policy' } : undefined),
  5: (region) =>
    region < 2 ? { status: 'not-judged', why: 'throttled', detail: 'Throttling: Rate exceeded' } : undefined,
  7: () => ({ status: 'not-applicable', why: 'account-not-active', detail: 'SUSPENDED' }),
  9: (region) => (region === 0 || region === 9 ? { status: 'not-applicable', why: 'region-not-enabled' } : undefined),
  11: () => ({ status: 'excluded' }),
  13: (region) =>
    region === 14 ? { status: 'judged', events: { status: 'not-watched', why: 'rule-disabled' } } : undefined,
  15: (region) => (region === 10 ? { status: 'not-judged', why: 'in-part' } : undefined),
};

interface Size {
  readonly accounts: number;
  readonly findings: number;
  /** Every so many of them are denied; none without it. */
  readonly deniedEvery?: number;
  readonly troubles?: boolean;
}

/** An audit of an organization: accounts × 17 regions, with trouble in some, and findings where it could be looked. */
export function organizationRun({ accounts, findings: size, deniedEvery, troubles = true }: Size) {
  const all = Array.from({ length: accounts }, (_, i): ReportAccount => {
    const unit = `ou-ab12-${String(i % 5).repeat(8)}`;
    return {
      account: String(100_000_000_007 + i * 1_000_003),
      name: `${TEAMS[i % 5]}-${i % 3 === 0 ? 'prod' : 'test'}-${i}`,
      path: ['o-ab12cd34ef', 'r-ab12', unit],
    };
  });
  const targets = all.flatMap(({ account }, i) =>
    REGIONS.map((region, r): Target => {
      const state = (troubles ? TROUBLES[i % 40]?.(r) : undefined) ?? WATCHED;
      return { account, region, ...state };
    }),
  );
  const judged = targets.filter(({ status }) => status === 'judged');
  const compiled = compile(RULES);
  const findings = Array.from({ length: size }, (_, i): Finding => {
    const { account, region } = judged[(i * 7) % judged.length] as Place;
    const isDenied = deniedEvery !== undefined && i % deniedEvery === 0;
    const owner = isDenied ? STRANGER : account;
    return findingOf(grant('sessions', `web-${i}`, { owner, account, region }), undefined, compiled);
  });
  const countOf = Map.groupBy(findings, ({ grant }) => placeKey(grant));
  const places = targets.flatMap((target): PlaceAudit[] => {
    const { account, region, status } = target;
    if (status !== 'judged' && status !== 'not-judged') return [];
    const grants = countOf.get(placeKey(target))?.length ?? 0;
    return [
      { account, region, status: status === 'judged' ? 'judged' : 'failed', cacheSecurityGroups: 1, caches: 2, grants },
    ];
  });
  const notJudged = targets.flatMap((target): NotJudged[] => {
    if (target.status !== 'not-judged') return [];
    const { account, region, why, detail } = target;
    return why === 'in-part'
      ? [{ account, region, what: 'cache sessions', why: 'it is being created and has no port yet' }]
      : [{ account, region, what: 'all of it', why: describeNotJudged(why, detail) }];
  });
  return {
    findings,
    run: {
      targets,
      accounts: all,
      places,
      expectedPlaces: places.map(({ account, region }) => ({ account, region })),
      notJudged,
      apiCalls: {
        AssumeRole: accounts,
        DescribeCacheClusters: places.length,
        DescribeSecurityGroupRules: places.length,
      },
    } satisfies Partial<AuditRun>,
  };
}

const WATCHED: TargetState = { status: 'judged', events: { status: 'watched' } };

/** The report of such an audit. */
export function organizationReport(size: Size): AuditReport {
  const { findings, run } = organizationRun(size);
  return reportOf(findings, run);
}

/** Its accounts have names that would run, or hide, or push others aside. Who may rename an account can choose them. */
export function hostileOrganizationReport(): AuditReport {
  const report = organizationReport({ accounts: 40, findings: 200, deniedEvery: 2 });
  const { targets = [] } = report;
  const names = [...HOSTILE_NAMES, 'x'.repeat(50), '=cmd|calc'];
  return {
    ...report,
    targets: targets.map((one, i) => ({
      ...one,
      name: names[Math.floor(i / REGIONS.length) % names.length] as string,
    })),
  };
}
