import type { AllowlistRule } from '../../../src/policy/allowlist.ts';
import type { ClassicAllowlistRule } from '../../../src/policy/classic/allowlist-rule.ts';
import type { ClassicGrant } from '../../../src/policy/classic/grant.ts';
import { CompiledAllowlist } from '../../../src/policy/compile-allowlist.ts';
import { decide } from '../../../src/policy/decide.ts';
import type { Finding } from '../../../src/policy/finding.ts';
import { parseAllowlist } from '../../../src/policy/parse-allowlist.ts';
import { type Place, placeKey } from '../../../src/policy/place.ts';
import { type AuditReport, type AuditRun, toAuditReport } from '../../../src/report/audit-report.ts';
import { ACCOUNT, REGION, STRANGER } from './grants.ts';

/** These regions of the account of most tests. */
export const placesIn = (...regions: readonly string[]): Place[] =>
  regions.map((region) => ({ account: ACCOUNT, region }));

/** A grant; what is left out is as in most tests. */
export function grant(
  cacheSecurityGroupName: string,
  ec2SecurityGroupName: string,
  { owner = ACCOUNT, account = ACCOUNT, region = REGION } = {},
): ClassicGrant {
  return {
    kind: 'classic',
    account,
    region,
    target: { cacheSecurityGroupName },
    source: { ec2SecurityGroupName, ec2SecurityGroupOwnerId: owner },
  };
}

const rule = (
  id: string,
  cacheSecurityGroups: string[],
  ec2SecurityGroups: string[],
  more: Partial<ClassicAllowlistRule> = {},
): ClassicAllowlistRule => ({
  id,
  cacheSecurityGroups,
  ec2SecurityGroups,
  ownerIds: ['self'],
  ...more,
});

export const RULES: readonly ClassicAllowlistRule[] = [
  rule('web-to-sessions', ['sessions', 'sessions-*'], ['web', 'web-*']),
  rule('jobs-to-queue', ['queue'], ['worker']),
  rule('partner-until-january', ['catalog'], ['reader'], { ownerIds: ['999988887777'], expires: '2027-01-31' }),
  rule('reports-to-catalog', ['catalog'], ['reports'], { expires: '2027-02-20' }),
  rule('nobody-uses-this', ['legacy'], ['batch']),
];

export const STARTED_AT = new Date('2027-02-03T04:05:06.789Z');

export type Act = Pick<Finding, 'outcome'> &
  Partial<Pick<Finding, 'problem' | 'revocationRequestId' | 'verifiedGone' | 'status'>>;

/** The allowlist with these rules, to judge by. */
export function compile(rules: readonly AllowlistRule[]): CompiledAllowlist {
  const { allowlist } = parseAllowlist({ version: 1, rules });
  if (allowlist === undefined) throw new Error('the rules of a test are not valid');
  return new CompiledAllowlist(allowlist);
}

/** A finding for a grant, as the policy judges it; what became of a denied one is `act`. */
export function findingOf(
  one: ClassicGrant,
  act: Act = { outcome: 'would-revoke' },
  rules: readonly AllowlistRule[] | CompiledAllowlist = RULES,
): Finding {
  const decision = decide(one, rules instanceof CompiledAllowlist ? rules : compile(rules), STARTED_AT);
  return {
    grant: one,
    status: 'authorized',
    decision,
    ...(decision.effect === 'allow' ? { outcome: 'allowed' } : act),
  };
}

/** The report of an audit that saw these findings; what is left out of the run is as in most tests. */
export function reportOf(findings: readonly Finding[], run: Partial<AuditRun> = {}): AuditReport {
  const expectedPlaces = run.expectedPlaces ?? placesIn(REGION);
  const byPlace = Map.groupBy(findings, ({ grant }) => placeKey(grant));
  const inPlace = (place: Place) => byPlace.get(placeKey(place)) ?? [];
  return toAuditReport({
    version: '1.2.3',
    startedAt: STARTED_AT,
    finishedAt: new Date(STARTED_AT.getTime() + 4321),
    mode: 'report-only',
    maxRevocations: 10,
    allowlist: { version: 1, rules: RULES },
    allowlistSha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    expectedPlaces,
    places: expectedPlaces.map((place) => ({
      ...place,
      status: 'judged',
      cacheSecurityGroups: new Set(
        inPlace(place).flatMap(({ grant }) => (grant.kind === 'classic' ? grant.target.cacheSecurityGroupName : [])),
      ).size,
      grants: inPlace(place).length,
    })),
    notJudged: [],
    findings,
    apiCalls: { DescribeCacheSecurityGroups: 3 },
    ...run,
  });
}

export const ALLOWED = [
  grant('sessions', 'web'),
  grant('sessions', 'web-blue'),
  grant('sessions-eu', 'web'),
  grant('queue', 'worker'),
  grant('catalog', 'reports'),
];

/** Everything was judged, and every grant is allowed. */
export const cleanReport = (): AuditReport => reportOf(ALLOWED.map((one) => findingOf(one)));

/** A few of each kind of problem. */
export function troubledReport(run: Partial<AuditRun> = {}): AuditReport {
  const denied = [
    grant('sessions', 'web', { owner: STRANGER }),
    grant('sessions', 'web-blue', { owner: STRANGER }),
    grant('catalog', 'reader', { owner: '999988887777' }),
    grant('queue', 'debug'),
    grant('orphan', 'who-knows', { owner: '000011112222' }),
  ];
  return reportOf(
    [...ALLOWED, ...denied].map((one) => findingOf(one)),
    run,
  );
}

/** One region could not be listed to its end, and one grant not be read. */
export function incompleteReport(findings = ALLOWED.map((one) => findingOf(one))): AuditReport {
  const [here, frankfurt, sydney] = placesIn(REGION, 'eu-central-1', 'ap-southeast-2') as [Place, Place, Place];
  return reportOf(findings, {
    expectedPlaces: [here, frankfurt, sydney],
    places: [
      { ...here, status: 'judged', cacheSecurityGroups: 4, grants: findings.length + 1 },
      {
        ...frankfurt,
        status: 'failed',
        cacheSecurityGroups: 100,
        grants: 0,
        problem: 'Throttling: Rate exceeded',
      },
      {
        ...sydney,
        status: 'not-applicable',
        cacheSecurityGroups: 0,
        grants: 0,
        problem: 'no EC2-Classic',
      },
    ],
    notJudged: [
      { ...here, what: 'a grant', why: 'ec2SecurityGroupOwnerId `12` is not 12 digits' },
      { ...frankfurt, what: 'what comes after 100 cache security groups', why: 'Throttling: Rate exceeded' },
    ],
  });
}

/** More were denied than may be revoked. */
export function heldReport(): AuditReport {
  const denied = Array.from({ length: 14 }, (_, i) => grant('sessions', `web-${i + 1}`, { owner: STRANGER }));
  const findings = [...ALLOWED, ...denied].map((one) => findingOf(one, { outcome: 'held' }));
  return reportOf(findings, { mode: 'enforce' });
}

/** Some were revoked, one could not be, and one stood when looked at again. */
export function enforcedReport(): AuditReport {
  const requestId = (i: number) => `3d1f2a90-7c55-4e7e-9a1b-00000000000${i}`;
  return reportOf(
    [
      ...ALLOWED.map((one) => findingOf(one)),
      findingOf(grant('sessions', 'web', { owner: STRANGER }), {
        outcome: 'revoked',
        revocationRequestId: requestId(1),
        verifiedGone: true,
      }),
      findingOf(grant('queue', 'debug'), {
        outcome: 'revoked',
        revocationRequestId: requestId(2),
        verifiedGone: false,
      }),
      findingOf(grant('queue', 'probe'), {
        outcome: 'failed',
        problem: 'AccessDenied: not authorized to perform this',
      }),
      findingOf(grant('orphan', 'who-knows'), { outcome: 'already-gone', status: 'revoking' }),
    ],
    { mode: 'enforce', apiCalls: { DescribeCacheSecurityGroups: 5, RevokeCacheSecurityGroupIngress: 3 } },
  );
}

/** As many findings as asked for; of those, every `deniedEvery`th is denied, for one of several reasons. */
export function largeReport(size: number, deniedEvery: number): AuditReport {
  const regions = ['us-east-1', 'us-west-2', 'eu-central-1', 'ap-southeast-2'];
  const rules = Array.from({ length: 500 }, (_, i) =>
    rule(`team-${i}`, [`cache-of-team-${i}`], [`web-of-team-${i}-*`], i % 9 === 0 ? { expires: '2027-01-01' } : {}),
  );
  const compiled = compile(rules);
  const findings = Array.from({ length: size }, (_, i): Finding => {
    const team = (i * 7) % 500;
    const strange = i % deniedEvery === 0;
    const one = grant(`cache-of-team-${team}`, `web-of-team-${team}-instance-${i}`, {
      owner: strange && i % 3 === 0 ? String(444400000000 + (i % 40)) : ACCOUNT,
      region: regions[i % 4] as string,
    });
    const asked = strange ? { ...one, source: { ...one.source, ec2SecurityGroupName: `unknown-${i}` } } : one;
    const decision = decide(asked, compiled, STARTED_AT);
    if (decision.effect === 'allow') return { grant: asked, status: 'authorized', decision, outcome: 'allowed' };
    const revocationRequestId = `3d1f2a90-7c55-4e7e-9a1b-${String(i).padStart(12, '0')}`;
    return {
      grant: asked,
      status: 'authorized',
      decision,
      outcome: 'revoked',
      revocationRequestId,
      verifiedGone: true,
    };
  });
  return reportOf(findings, {
    allowlist: { version: 1, rules },
    expectedPlaces: placesIn(...regions),
    mode: 'enforce',
  });
}

export const HOSTILE_NAMES = [
  '</script><img src=x onerror=alert(1)>',
  '<img src=x onerror=alert(1)>',
  '"><svg onload=alert(1)>',
  "' onfocus='alert(1)' autofocus='",
  '<!--<script>',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a name may look like this
  '${alert(1)}',
  '=HYPERLINK("https://example.com","x")',
  '-rf',
  "it's; rm -rf /",
  'file:///etc/passwd',
  '`code`',
  '$&$1\\u0001',
  'line\u2028separator\u2029here',
  'turn\u202egnp.exe',
  'escape\u001b[31mred\u0000',
  'lone\ud800half',
  '__proto__',
];

/** Names that nobody should be able to do harm with, everywhere where a name can stand. */
export function hostileReport(): AuditReport {
  const findings = HOSTILE_NAMES.flatMap((name): Finding[] => {
    const named = grant(name, name, { owner: name, account: name, region: name });
    const reasons = [
      {
        rule: name,
        covers: ['account'],
        misses: ['ownerId'],
        text: `rule \`${name}\` does not cover owner id \`${name}\``,
      },
    ] as const;
    return [
      { grant: named, status: name, decision: { effect: 'deny', reasons }, outcome: 'failed', problem: name },
      { grant: named, status: name, decision: { effect: 'allow', rule: name }, outcome: 'allowed' },
    ];
  });
  const report = reportOf(findings, {
    version: HOSTILE_NAMES[0] as string,
    allowlistSha256: HOSTILE_NAMES[0] as string,
    expectedPlaces: HOSTILE_NAMES.map((name) => ({ account: name, region: name })),
    notJudged: HOSTILE_NAMES.map((name) => ({ account: name, region: name, what: name, why: name })),
    apiCalls: Object.fromEntries(HOSTILE_NAMES.map((name) => [name, 1])),
  });
  return {
    ...report,
    expiringRules: HOSTILE_NAMES.map((name) => ({ rule: name, expires: '2027-02-04', expired: false })),
    unusedRules: HOSTILE_NAMES,
  };
}
