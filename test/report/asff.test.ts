import { Ajv } from 'ajv';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../src/policy/finding.ts';
import { type AsffFinding, toAsff, toAsffJson } from '../../src/report/asff.ts';
import type { AuditReport } from '../../src/report/audit-report.ts';
import {
  cleanReport,
  enforcedReport,
  findingOf,
  grant,
  heldReport,
  hostileReport,
  incompleteReport,
  reportOf,
} from '../support/examples/audit-reports.ts';
import { ACCOUNT, REGION } from '../support/examples/grants.ts';
import {
  bothKindsReport,
  findingsOf,
  GUARD,
  hostileVpcReport,
  rule,
  vpcEnforcedReport,
  vpcReportOf,
} from '../support/examples/vpc-audit-reports.ts';

const text = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength, pattern: '\\S' });
const map = (longest: number) => ({
  type: 'object',
  maxProperties: 50,
  propertyNames: { maxLength: 128 },
  additionalProperties: text(longest),
});
const time = { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$' };

/**
 * What Security Hub requires of a finding, written from its API Reference (AwsSecurityFinding and the objects in it) and its User Guide
 * ("Required top-level ASFF attributes", "Types taxonomy for ASFF").
 */
const FINDING = {
  type: 'object',
  required: [
    'SchemaVersion',
    'Id',
    'ProductArn',
    'GeneratorId',
    'AwsAccountId',
    'CreatedAt',
    'UpdatedAt',
    'Title',
    'Description',
    'Resources',
    'FindingProviderFields',
  ],
  properties: {
    SchemaVersion: { const: '2018-10-08' },
    Id: text(512),
    ProductArn: {
      type: 'string',
      pattern: '^arn:(aws|aws-cn|aws-us-gov):securityhub:[a-z0-9-]+:(\\d{12}):product/\\d{12}/default$',
    },
    ProductName: text(128),
    CompanyName: text(128),
    GeneratorId: text(512),
    AwsAccountId: { type: 'string', pattern: '^\\d{12}$' },
    CreatedAt: time,
    UpdatedAt: time,
    FirstObservedAt: time,
    Title: text(256),
    Description: text(1024),
    FindingProviderFields: {
      type: 'object',
      required: ['Severity', 'Types'],
      properties: {
        Severity: {
          type: 'object',
          required: ['Label', 'Original'],
          properties: {
            Label: { enum: ['INFORMATIONAL', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] },
            Original: text(64),
          },
          additionalProperties: false,
        },
        Types: {
          type: 'array',
          minItems: 1,
          maxItems: 50,
          items: { type: 'string', pattern: '^Software and Configuration Checks/[^/]+/[^/]+$' },
        },
      },
      additionalProperties: false,
    },
    Compliance: {
      type: 'object',
      required: ['Status'],
      properties: { Status: { enum: ['PASSED', 'WARNING', 'FAILED', 'NOT_AVAILABLE'] } },
      additionalProperties: false,
    },
    RecordState: { enum: ['ACTIVE', 'ARCHIVED'] },
    Remediation: {
      type: 'object',
      required: ['Recommendation'],
      properties: {
        Recommendation: {
          type: 'object',
          required: ['Text'],
          properties: { Text: text(512) },
          additionalProperties: false,
        },
      },
      additionalProperties: false,
    },
    ProductFields: map(2048),
    Resources: {
      type: 'array',
      minItems: 1,
      maxItems: 32,
      items: {
        type: 'object',
        required: ['Type', 'Id'],
        properties: {
          Type: { enum: ['AwsEc2SecurityGroup', 'Other'] },
          Id: text(512),
          Partition: { enum: ['aws', 'aws-cn', 'aws-us-gov'] },
          Region: text(16),
          Details: {
            type: 'object',
            properties: {
              AwsEc2SecurityGroup: {
                type: 'object',
                required: ['GroupId'],
                properties: { GroupId: text(128) },
                additionalProperties: false,
              },
              Other: map(1024),
            },
            additionalProperties: false,
          },
        },
        additionalProperties: false,
      },
    },
  },
  additionalProperties: false,
};
const validate = new Ajv({ strictTypes: false, strictRequired: false }).compile(FINDING);

function expectValid(findings: readonly AsffFinding[]): void {
  for (const finding of findings) {
    validate(JSON.parse(JSON.stringify(finding)));
    expect(validate.errors, finding.Id).toBeNull();
    expect(Buffer.byteLength(JSON.stringify(finding))).toBeLessThan(60_000);
  }
}

const open = { kind: 'cidr', cidr: '0.0.0.0/0' } as const;
const narrow = { kind: 'cidr', cidr: '192.0.2.0/24' } as const;
const heldRule = (source: typeof open | typeof narrow, act: object = { outcome: 'would-revoke' }): Finding =>
  ({ ...(findingsOf(rule(0x21, source), { outcome: 'would-revoke' })[0] as Finding), ...act }) as Finding;

describe('the report in the AWS Security Finding Format', () => {
  it.each<[string, AuditReport]>([
    ['a clean report', cleanReport()],
    ['a held one', heldReport()],
    ['one with revocations and failures', enforcedReport()],
    ['an incomplete one', incompleteReport()],
    ['one of both kinds', bothKindsReport()],
    ['one with rules that were revoked and held', vpcEnforcedReport()],
  ])('is what Security Hub requires, finding by finding: %s', (_, report) => {
    const findings = toAsff(report);

    expect(findings).toHaveLength(report.findings.length + report.notJudged.length);
    expectValid(findings);
  });

  it('keeps within the lengths, whatever names, reasons and problems are like', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 3000 }),
      fc.constant('\u0000'),
      fc.constant('x'.repeat(3000)),
    );
    fc.assert(
      fc.property(hostile, hostile, hostile, hostile, (group, source, problem, what) => {
        const finding = { ...findingOf(grant(group, source)), outcome: 'held', problem, remark: problem } as Finding;
        const report = reportOf([finding], { notJudged: [{ account: ACCOUNT, region: REGION, what, why: problem }] });

        expectValid(toAsff(report));
      }),
      { seed: 20261129, numRuns: 60 },
    );
  });

  it('says of each grant what it is, how bad, and whether it stands', () => {
    const seen = toAsff(enforcedReport()).map(
      ({ Compliance, RecordState, FindingProviderFields: { Severity } }) =>
        `${Compliance.Status}, ${RecordState}, ${Severity.Label}, ${Severity.Original}`,
    );

    expect([...new Set(seen)].sort()).toEqual([
      'FAILED, ACTIVE, HIGH, failed',
      'FAILED, ACTIVE, HIGH, revoked',
      'FAILED, ARCHIVED, INFORMATIONAL, already-gone',
      'FAILED, ARCHIVED, INFORMATIONAL, revoked',
      'PASSED, ACTIVE, INFORMATIONAL, allowed',
    ]);
  });

  it('names the security group and the cache of a rule, who is let in, and what to do', () => {
    const [finding] = toAsff(vpcReportOf([heldRule(open)])) as [AsffFinding];

    expect(finding).toMatchObject({
      ProductArn: `arn:aws:securityhub:${REGION}:${ACCOUNT}:product/${ACCOUNT}/default`,
      AwsAccountId: ACCOUNT,
      GeneratorId: 'ingress-guard',
      FindingProviderFields: { Severity: { Label: 'CRITICAL', Original: 'would-revoke' } },
      Resources: [
        { Type: 'AwsEc2SecurityGroup', Id: `arn:aws:ec2:${REGION}:${ACCOUNT}:security-group/${GUARD}` },
        { Type: 'Other', Details: { Other: { Source: 'CIDR 0.0.0.0/0' } } },
      ],
    });
    expect(finding.Title).toMatch(/^Disallowed access to ElastiCache: CIDR 0\.0\.0\.0\/0 to cache /);
    expect(finding.Remediation?.Recommendation.Text).toMatch(/To revoke: aws ec2 revoke-security-group-ingress /);
  });

  it('warns before the command that others may need a rule that is held for them', () => {
    const finding = heldRule(narrow, { outcome: 'held', heldBecause: 'mixed', problem: 'sessions needs it' });

    const [{ Remediation, Description }] = toAsff(vpcReportOf([finding])) as [AsffFinding];

    expect(Remediation?.Recommendation.Text).toMatch(/why it is held: others may need .*To revoke: aws ec2 /);
    expect(Description).toContain('sessions needs it');
  });

  it.each([
    ['us-gov-west-1', 'aws-us-gov'],
    ['cn-north-1', 'aws-cn'],
  ])('names the partition of %s', (region, partition) => {
    const report = reportOf([findingOf(grant('sessions', 'stranger', { region }))], {
      expectedPlaces: [{ account: ACCOUNT, region }],
    });

    const findings = toAsff(report);

    expectValid(findings);
    expect(findings[0]).toMatchObject({
      ProductArn: `arn:${partition}:securityhub:${region}:${ACCOUNT}:product/${ACCOUNT}/default`,
      Resources: [{ Partition: partition, Region: region }],
    });
  });

  it('never passes what could not be evaluated', () => {
    const report = incompleteReport([]);

    for (const { Compliance, RecordState, Title } of toAsff(report)) {
      expect([Compliance.Status, RecordState]).toEqual(['NOT_AVAILABLE', 'ACTIVE']);
      expect(Title).toMatch(/could not be evaluated/);
    }
    expect(toAsff(report)).toHaveLength(2);
    expect(toAsff({ ...report, notJudged: [] })).toHaveLength(1);
  });

  it('has one finding for things of the same name that could not be evaluated', () => {
    const one = { account: ACCOUNT, region: REGION, what: 'a grant' };
    const findings = toAsff(
      reportOf([], {
        notJudged: [
          { ...one, why: 'no owner' },
          { ...one, why: 'no name' },
        ],
      }),
    );

    expect(findings).toHaveLength(1);
    expect(findings[0]?.Description).toContain('a grant (2 times): no owner.');
  });

  it('calls the same grant the same in every audit, whatever its outcome is, and no two alike', () => {
    const idsOf = (report: AuditReport) => toAsff(report).map(({ Id }) => Id);
    const ids = idsOf(bothKindsReport());

    expect(idsOf({ ...bothKindsReport(), startedAt: '2027-03-01T00:00:00.000Z' })).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
    const outcomes = [{ outcome: 'would-revoke' }, { outcome: 'held', heldBecause: 'limit' }, { outcome: 'revoked' }];
    expect(new Set(outcomes.flatMap((act) => idsOf(vpcReportOf([heldRule(narrow, act)])))).size).toBe(1);
    for (const id of ids) expect(id).toMatch(/^ingress-guard\/[a-z0-9-]+\/\d{12}\/[0-9a-f]{32}$/);
  });

  it('tells the findings of one generator from those of another', () => {
    const [ours, others] = [toAsff(enforcedReport(), 'guard-prod'), toAsff(enforcedReport(), 'guard-test')];

    expect(ours.map(({ GeneratorId }) => GeneratorId)).toEqual(ours.map(() => 'guard-prod'));
    expect(new Set([...ours, ...others].map(({ Id }) => Id)).size).toBe(2 * ours.length);
  });

  it.each([
    ['a report', enforcedReport(), 9],
    ['an empty one', reportOf([]), 0],
    ['one with hostile names', hostileReport(), hostileReport().findings.length],
    ['one with hostile rules', hostileVpcReport(), hostileVpcReport().findings.length],
  ])('is one JSON list, a finding a line: %s', (_, report, findings) => {
    const written = [...toAsffJson(report)].join('');

    expect(JSON.parse(written)).toEqual(JSON.parse(JSON.stringify(toAsff(report))));
    expect(written.split('\n').filter((line) => line.startsWith('{'))).toHaveLength(findings + report.notJudged.length);
  });
});
