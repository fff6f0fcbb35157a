import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type * as z from 'zod/mini';
import type { Finding } from '../../src/policy/finding.ts';
import { isPublicEndpoint } from '../../src/policy/vpc/grant.ts';
import type { AuditReport } from '../../src/report/audit-report.ts';
import { auditReportJsonSchema, type auditReportSchema, parseAuditReport } from '../../src/report/report-schema.ts';
import { toTerminalText } from '../../src/report/text.ts';
import {
  cleanReport,
  enforcedReport,
  heldReport,
  incompleteReport,
  largeReport,
  placesIn,
  reportOf,
} from '../support/examples/audit-reports.ts';
import { ACCOUNT, REGION, STRANGER } from '../support/examples/grants.ts';
import { bothKindsReport, vpcCleanReport, vpcEnforcedReport } from '../support/examples/vpc-audit-reports.ts';

const stored = (report: AuditReport): Record<string, unknown> => JSON.parse(JSON.stringify(report));

const REPORTS = {
  'a clean one': cleanReport(),
  'an incomplete one': incompleteReport(),
  'a held one': heldReport(),
  'one with revocations and failures': enforcedReport(),
  'an empty one': reportOf([], { expectedPlaces: [] }),
  'one without a limit': reportOf([], { maxRevocations: Number.POSITIVE_INFINITY }),
  'a large one': largeReport(300, 3),
  'one without EC2-Classic': vpcCleanReport(),
  'one of both kinds': bothKindsReport(),
  'one with rules that were revoked and held': vpcEnforcedReport(),
};

describe('the JSON Schema of the report', () => {
  it('is published as it is made from the schema that reads (npm run schema writes it)', () => {
    const published = readFileSync(new URL('../../schema/audit-report.schema.json', import.meta.url), 'utf8');

    expect(JSON.parse(published)).toEqual(auditReportJsonSchema());
  });

  it.each(Object.entries(REPORTS))('takes every report: %s', (_, report) => {
    const ajv = new Ajv();
    const valid = ajv.validate(auditReportJsonSchema(), stored(report));

    expect(ajv.errors).toBeNull();
    expect(valid).toBe(true);
  });

  it('has the keys of the report, no fewer and no others', () => {
    type Plain = z.infer<typeof auditReportSchema>;

    expectTypeOf<keyof Plain>().toEqualTypeOf<keyof AuditReport>();
    expectTypeOf<keyof Plain['findings'][number]>().toEqualTypeOf<keyof AuditReport['findings'][number]>();
    expectTypeOf<keyof Plain['counts']>().toEqualTypeOf<keyof AuditReport['counts']>();
    expectTypeOf<keyof Plain['regions'][number]>().toEqualTypeOf<keyof AuditReport['regions'][number]>();
    expectTypeOf<keyof Plain['notJudged'][number]>().toEqualTypeOf<keyof AuditReport['notJudged'][number]>();
    expectTypeOf<keyof Plain['expected']>().toEqualTypeOf<keyof AuditReport['expected']>();
  });
});

const HERE = { account: ACCOUNT, region: REGION };
/** The same region, of another account. */
const THERE = { account: STRANGER, region: REGION };

type Refused = [string, (report: Record<string, unknown>) => unknown, string];

const earlier = (file: string) => readFileSync(new URL(`earlier/${file}`, import.meta.url), 'utf8');

const [CLASSIC, VPC] = [cleanReport().findings[0]?.grant, vpcCleanReport().findings[0]?.grant];
const withPorts = (ports: readonly number[]) => (one: Record<string, unknown>) => ({
  ...one,
  findings: [{ ...vpcCleanReport().findings[0], grant: { ...VPC, target: { ...VPC?.target, ports } } }],
});
const NO_GRANTS = [
  { ...CLASSIC, source: {} },
  { ...CLASSIC, source: { kind: 'cidr', cidr: '0.0.0.0/0' } },
  { ...VPC, target: CLASSIC?.target },
  { ...VPC, source: { cidr: '0.0.0.0/0', prefixListId: 'pl-0f' } },
  { ...VPC, source: { cidr: '0.0.0.0/0', securityGroupId: 'sg-0a' } },
  { ...VPC, source: { securityGroupOwnerId: '111122223333' } },
];

describe('a stored report', () => {
  it.each(Object.entries(REPORTS))('is read as it was: %s', (_, report) => {
    expect(parseAuditReport(stored(report))).toEqual({ report });
  });

  it('of version 1.0, which knew no caches, is read', () => {
    expect(parseAuditReport({ ...stored(incompleteReport()), schemaVersion: '1.0' })).toEqual({
      report: incompleteReport(),
    });
  });

  // Written by the sources of their time, and shown by those of 1.1.
  it.each(['1.0', '1.1', '1.1-without-findings'])('of version %s reads as it did before', (name) => {
    const { report } = parseAuditReport(JSON.parse(earlier(`report-${name}.json`)));

    expect(toTerminalText(report as AuditReport, { colour: false, width: 100 })).toBe(earlier(`report-${name}.txt`));
  });

  it('of version 1.1 says, once it is read, the kind of each grant and source, and the account of each place', () => {
    const { report } = parseAuditReport(JSON.parse(earlier('report-1.1.json')));

    const places = placesIn(REGION, 'eu-west-1');
    const kinds = report?.findings.map(({ grant }) => (grant.kind === 'vpc' ? grant.source.kind : grant.kind));
    expect(new Set(kinds)).toEqual(new Set(['classic', 'cidr', 'prefixList', 'securityGroup']));
    expect(report).toMatchObject({
      schemaVersion: '1.5',
      expected: { regions: [REGION, 'eu-west-1'], places },
      regions: places,
      notJudged: places.toReversed(),
    });
    expect(parseAuditReport(stored(report as AuditReport))).toEqual({ report });
  });

  it('of version 1.1 and without findings has an account that is not known', () => {
    const { report } = parseAuditReport(JSON.parse(earlier('report-1.1-without-findings.json')));

    const place = { account: 'unknown', region: 'eu-west-1' };
    expect(report).toMatchObject({ expected: { places: [place] }, regions: [place], notJudged: [place] });
  });

  it('of a later version with the same first number is read, without what is not known', () => {
    const later = { ...stored(cleanReport()), schemaVersion: '1.7', weather: 'fine' };

    expect(parseAuditReport(later)).toEqual({ report: cleanReport() });
  });

  it.each<Refused>([
    ['nothing', () => undefined, 'the report must be an object: it is missing'],
    ['a text', () => 'x', 'the report must be an object: it is `x`'],
    [
      'another version',
      (one) => ({ ...one, schemaVersion: '2.0' }),
      'schemaVersion is not what it must be: it is `2.0`',
    ],
    [
      'another tool',
      (one) => ({ ...one, tool: { name: 'x', version: '1' } }),
      'tool.name must be elasticache-ingress-guard: it is `x`',
    ],
    ['a key that is missing', ({ mode: _, ...one }) => one, 'mode must be one of report-only, enforce: it is missing'],
    ['a number below 0', (one) => ({ ...one, durationMs: -1 }), 'durationMs must not be below 0: it is -1'],
    [
      'a day for an instant',
      (one) => ({ ...one, startedAt: '2027-01-01' }),
      'startedAt is not what it must be: it is `2027-01-01`',
    ],
    [
      'an instant that does not exist',
      (one) => ({ ...one, startedAt: '2027-13-01T00:00:00.000Z' }),
      'startedAt is not what it must be: it is `2027-13-01T00:00:00.000Z`',
    ],
    ['findings that are no list', (one) => ({ ...one, findings: {} }), 'findings must be a list: it is (an object)'],
    ...NO_GRANTS.map(
      (grant): Refused => [
        `a grant that is of neither kind: ${JSON.stringify(grant)}`,
        (one) => ({ ...one, findings: [{ ...cleanReport().findings[0], grant }] }),
        'findings[0].grant must say what is reached and by whom: it is (an object)',
      ],
    ),
    ['a grant of no port', withPorts([]), 'findings[0].grant.target.ports must not be empty: it is a list'],
    ['a port that is none', withPorts([0]), 'findings[0].grant.target.ports[0] must not be below 1: it is 0'],
    ['a port too high', withPorts([70_000]), 'findings[0].grant.target.ports[0] must not be above 65535: it is 70000'],
    ['a finding that is none', (one) => ({ ...one, findings: [1] }), 'findings[0] must be an object: it is 1'],
    [
      'a target in a state that there is not',
      (one) => ({ ...one, targets: [{ account: ACCOUNT, region: REGION, status: 'x' }] }),
      'targets[0].status must be one of judged, not-judged, not-applicable, excluded: it is `x`',
    ],
  ])('is refused with what is wrong: %s', (_, change, problem) => {
    expect(parseAuditReport(change(stored(cleanReport())))).toEqual({ problems: [problem] });
  });

  it('is refused with few of its problems, on one line each, and no value at full length', () => {
    const { problems } = parseAuditReport({
      ...stored(cleanReport()),
      mode: `\u001b[31m\n${'x'.repeat(10_000)}`,
      findings: Array.from({ length: 1000 }, () => 'x'),
    });

    expect(problems).toHaveLength(11);
    expect(problems?.at(-1)).toBe('and 991 more');
    for (const problem of problems ?? []) expect(problem).toMatch(/^[ -~]{1,200}$/);
  });

  it.each<[string, (report: AuditReport) => unknown, string]>([
    [
      'it hides a denied grant from the counts',
      (one) => ({ ...one, counts: { ...one.counts, denied: 0 } }),
      'counts.denied is 0, but there are 14',
    ],
    ['it hides findings', (one) => ({ ...one, findings: [] }), 'counts.judged is 19, but there are 0'],
    [
      'it miscounts an outcome',
      (one) => ({ ...one, counts: { ...one.counts, outcomes: { allowed: 19 } } }),
      'counts.outcomes.allowed is 19, but there are 5',
    ],
    [
      'it calls a denied grant allowed',
      (one) => ({ ...one, findings: one.findings.map((finding) => ({ ...finding, outcome: 'allowed' })) }),
      'findings[0] has an outcome that its decision does not lead to',
    ],
    [
      'it is complete without a region',
      (one) => ({ ...one, expected: { regions: ['eu-west-1'], places: placesIn('eu-west-1') } }),
      `complete is true, but region \`eu-west-1\` of \`${ACCOUNT}\` was not evaluated`,
    ],
    [
      'it is complete without the same region of another account',
      (one) => ({ ...one, expected: { ...one.expected, places: [HERE, THERE] } }),
      `complete is true, but region \`${REGION}\` of \`${STRANGER}\` was not evaluated`,
    ],
    [
      'it is complete although something was not evaluated',
      (one) => ({ ...one, notJudged: [{ ...HERE, what: 'a', why: 'b' }] }),
      'complete is true, but notJudged is not empty',
    ],
    [
      'it expected a region of no account',
      (one) => ({ ...one, expected: { ...one.expected, regions: [REGION, 'eu-west-1'] } }),
      'expected.regions names region `eu-west-1`, and expected.places does not',
    ],
    [
      'it expected a region of no account, and is of a version that knew no places',
      (one) => ({ ...one, schemaVersion: '1.1', expected: { regions: [REGION, 'eu-west-1'], places: [HERE] } }),
      'expected.regions names region `eu-west-1`, and expected.places does not',
    ],
    [
      'it expected an account in a region that it did not expect',
      (one) => ({ ...one, expected: { ...one.expected, places: placesIn(REGION, 'eu-west-1') } }),
      'expected.places names region `eu-west-1`, and expected.regions does not',
    ],
    [
      'it tells of a place that it did not expect, so that nobody asks what came of it',
      (one) => ({ ...one, regions: [...one.regions, { ...one.regions[0], ...THERE, status: 'failed' }] }),
      `regions[1] is of region \`${REGION}\` of \`${STRANGER}\`, which expected.places does not name`,
    ],
    [
      'it could not judge something at a place that it did not expect',
      (one) => ({ ...one, complete: false, notJudged: [{ ...THERE, what: 'a', why: 'b' }] }),
      `notJudged[0] is of region \`${REGION}\` of \`${STRANGER}\`, which expected.places does not name`,
    ],
    [
      'it says of one place two things',
      (one) => ({ ...one, regions: [{ ...one.regions[0], status: 'failed' }, ...one.regions] }),
      `regions has region \`${REGION}\` of \`${ACCOUNT}\` twice`,
    ],
  ])('is refused if it contradicts itself: %s', (_, change, problem) => {
    expect(parseAuditReport(stored(change(heldReport()) as AuditReport)).problems).toContain(problem);
  });

  const unnamed = ({ account: _, ...rest }: { readonly account: string }) => rest;

  it.each<[string, (report: AuditReport) => unknown, string]>([
    [
      'places to look at',
      (one) => ({ ...one, expected: { regions: one.expected.regions } }),
      'expected.places must be a list: it is missing',
    ],
    [
      'an account of a place that it looked at',
      (one) => ({ ...one, regions: [...one.regions.slice(0, 2), ...one.regions.slice(2).map(unnamed)] }),
      'regions[2].account must be a text: it is missing',
    ],
    [
      'an account of what was not evaluated',
      (one) => ({ ...one, notJudged: [...one.notJudged.slice(0, 1), ...one.notJudged.slice(1).map(unnamed)] }),
      'notJudged[1].account must be a text: it is missing',
    ],
  ])('is refused without %s, unless it is of a version before 1.2', (_, change, problem) => {
    const changed = stored(change(incompleteReport()) as AuditReport);

    expect(parseAuditReport(changed)).toEqual({ problems: [problem] });
    expect(parseAuditReport({ ...changed, schemaVersion: '1.10' })).toEqual({ problems: [problem] });
    expect(parseAuditReport({ ...changed, schemaVersion: '1.1' })).toEqual({ report: incompleteReport() });
  });

  it('is refused, and not choked on, when it has hundreds of thousands of problems', () => {
    const findings = Array.from({ length: 300_000 }, () => 1);

    expect(parseAuditReport({ ...stored(cleanReport()), findings })).toEqual({
      problems: ['the report has more problems than can be listed'],
    });
  });

  const along = ({ decision, outcome }: Finding) => decision.effect === 'allow' && outcome === 'revoked';

  it('may call an allowed grant revoked, where a denied one of the same rule was', () => {
    const { report } = parseAuditReport(stored(vpcEnforcedReport()));

    expect(report?.findings.filter(along)).toHaveLength(1);
  });

  it.each<[string, (finding: Finding) => Finding]>([
    ['of no rule that was revoked', (one) => ({ ...one, grant: otherRule(one) })],
    ['of a rule of that id in another region', (one) => ({ ...one, grant: { ...one.grant, region: 'eu-west-1' } })],
    ['with another outcome than its rule', (one) => ({ ...one, outcome: 'failed' })],
  ])('is refused if it calls an allowed grant revoked, %s', (_, change) => {
    const { findings, ...rest } = vpcEnforcedReport();
    const changed = findings.map((one) => (along(one) ? change(one) : one));

    const { problems = [] } = parseAuditReport(stored({ ...rest, findings: changed }));

    expect(problems.join()).toMatch(/findings\[\d+\] has an outcome that its decision does not lead to/);
  });
});

function otherRule({ grant }: Finding): Finding['grant'] {
  if (grant.kind !== 'vpc' || isPublicEndpoint(grant)) throw new Error('a grant of a rule was meant');
  return { ...grant, target: { ...grant.target, securityGroupRuleId: 'sgr-0' } };
}
