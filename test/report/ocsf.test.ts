import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../src/policy/finding.ts';
import type { VpcGrant } from '../../src/policy/vpc/grant.ts';
import type { AuditReport } from '../../src/report/audit-report.ts';
import { toOcsf } from '../../src/report/ocsf.ts';
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
import { ACCOUNT } from '../support/examples/grants.ts';
import {
  bothKindsReport,
  findingsOf,
  GUARD,
  hostileVpcReport,
  rule,
  vpcCleanReport,
  vpcEnforcedReport,
  vpcReportOf,
} from '../support/examples/vpc-audit-reports.ts';

/** A number of an enumeration, and beside it its caption. */
const captioned = (id: string, caption: string, captions: Record<number, string>) => ({
  properties: { [id]: { enum: Object.keys(captions).map(Number) }, [caption]: { enum: Object.values(captions) } },
  oneOf: Object.entries(captions).map(([number, text]) => ({
    properties: { [id]: { const: Number(number) }, [caption]: { const: text } },
  })),
  required: [id, caption],
});
const text = { type: 'string', minLength: 1 };
const account = {
  type: 'object',
  // Constraint of the object: at least one of name and uid.
  required: ['uid'],
  properties: { uid: { type: 'string' }, type_id: { const: 10 }, type: { const: 'AWS Account' } },
};

/**
 * What OCSF 1.6.0 requires of a Compliance Finding, written from
 * https://schema.ocsf.io/1.6.0/classes/compliance_finding?profiles=cloud and the objects it names (compliance,
 * finding_info, metadata, product, resource_details, cloud, account), whose sources are events/findings/ and objects/ of
 * https://github.com/ocsf/ocsf-schema.
 */
const COMPLIANCE_FINDING = {
  type: 'object',
  required: [
    'activity_id',
    'category_uid',
    'class_uid',
    'cloud',
    'compliance',
    'finding_info',
    'metadata',
    'severity_id',
    'time',
    'type_uid',
  ],
  allOf: [
    captioned('severity_id', 'severity', {
      0: 'Unknown',
      1: 'Informational',
      2: 'Low',
      3: 'Medium',
      4: 'High',
      5: 'Critical',
      6: 'Fatal',
    }),
    captioned('status_id', 'status', {
      0: 'Unknown',
      1: 'New',
      2: 'In Progress',
      3: 'Suppressed',
      4: 'Resolved',
      5: 'Archived',
    }),
  ],
  properties: {
    activity_id: { const: 1 },
    activity_name: { const: 'Create' },
    category_uid: { const: 2 },
    category_name: { const: 'Findings' },
    class_uid: { const: 2003 },
    class_name: { const: 'Compliance Finding' },
    type_uid: { const: 200301 },
    type_name: { const: 'Compliance Finding: Create' },
    // timestamp_t: milliseconds since the epoch.
    time: { type: 'integer', minimum: 1_000_000_000_000 },
    message: text,
    severity_id: {},
    severity: {},
    status_id: {},
    status: {},
    compliance: {
      type: 'object',
      ...captioned('status_id', 'status', { 0: 'Unknown', 1: 'Pass', 2: 'Warning', 3: 'Fail' }),
      required: ['standards', 'control', 'status_id', 'status'],
    },
    finding_info: {
      type: 'object',
      required: ['uid', 'title'],
      properties: {
        uid: { type: 'string', pattern: '^[0-9a-f]{32}$' },
        title: text,
        desc: text,
        types: { type: 'array', items: text },
      },
      additionalProperties: false,
    },
    metadata: {
      type: 'object',
      required: ['version', 'product'],
      properties: {
        version: { const: '1.6.0' },
        product: { type: 'object', required: ['name', 'vendor_name', 'version'] },
        profiles: { const: ['cloud'] },
        uid: text,
        log_version: text,
      },
      additionalProperties: false,
    },
    resources: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['uid', 'name', 'type', 'region', 'cloud_partition'],
        properties: { owner: { type: 'object', required: ['account'], properties: { account } } },
      },
    },
    cloud: {
      type: 'object',
      required: ['provider', 'region'],
      properties: { provider: { const: 'AWS' }, region: text, account },
    },
    remediation: { type: 'object', required: ['desc'], properties: { desc: text } },
    unmapped: { type: 'object' },
  },
  additionalProperties: false,
};

interface Event {
  readonly finding_info: { readonly uid: string };
  readonly metadata: { readonly uid: string };
  readonly compliance: {
    readonly status: string;
    readonly status_code: string;
    readonly status_details: string[];
  };
  readonly status: string;
  readonly severity: string;
  readonly resources: readonly { readonly uid: string; readonly type: string; readonly cloud_partition: string }[];
  readonly message: string;
  readonly remediation?: { readonly desc: string };
  readonly unmapped: Readonly<Record<string, unknown>>;
}

const eventsOf = (report: AuditReport): Event[] =>
  toOcsf(report)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

/** What a person reads of a grant that is held. */
interface OcsfOfHeld {
  readonly remediation: { readonly desc: string };
  readonly unmapped: { readonly held_because: string };
}

describe('the report as OCSF Compliance Findings', () => {
  it.each<[string, AuditReport]>([
    ['a clean report', cleanReport()],
    ['a held one', heldReport()],
    ['one with revocations and failures', enforcedReport()],
    ['an incomplete one', incompleteReport()],
    ['one with hostile names', hostileReport()],
    ['one of both kinds', bothKindsReport()],
    ['one with rules that were revoked and held', vpcEnforcedReport()],
    ['one with hostile rules', hostileVpcReport()],
  ])('is what OCSF requires, line by line: %s', (_, report) => {
    const validate = new Ajv({ strictTypes: false, strictRequired: false }).compile(COMPLIANCE_FINDING);
    const events = eventsOf(report);

    expect(events).toHaveLength(report.findings.length + report.notJudged.length);
    for (const event of events) {
      validate(event);
      expect(validate.errors).toBeNull();
    }
  });

  it.each(['shared', 'mixed', 'gone-name'] as const)(
    'warns before the command that others may live by: %s',
    (heldBecause) => {
      const why = { outcome: 'held', heldBecause, problem: 'sessions needs it' } as const;
      const source = { kind: 'cidr', cidr: '0.0.0.0/0' } as const;
      const finding = { ...(findingsOf(rule(0x21, source), why)[0] as Finding), ...why };

      const [event] = eventsOf(vpcReportOf([finding])) as unknown as [OcsfOfHeld];

      expect(event.remediation.desc).toMatch(/sessions needs it\. .*if no one needs it, revoke the grant: aws ec2 /);
      expect(event.unmapped.held_because).toBe(heldBecause);
    },
  );

  it('passes what is allowed, and fails what is not, whatever became of it', () => {
    const seen = eventsOf(enforcedReport()).map(
      ({ compliance, status, severity }) => `${compliance.status}, ${status}, ${severity}`,
    );

    expect(seen.toSorted()).toEqual([
      'Fail, New, High',
      'Fail, New, High',
      'Fail, Resolved, Informational',
      'Fail, Resolved, Informational',
      ...Array(5).fill('Pass, Resolved, Informational'),
    ]);
  });

  it('never passes what was not evaluated', () => {
    const report = incompleteReport([]);

    expect(eventsOf(report).map(({ compliance }) => compliance.status)).toEqual(['Unknown', 'Unknown']);
    expect(eventsOf({ ...report, notJudged: [] }).map(({ compliance }) => compliance)).toMatchObject([
      { status: 'Unknown', status_details: ['Throttling: Rate exceeded'] },
    ]);
  });

  it('calls the same grant the same in every audit, and each event by a name of its own', () => {
    const first = eventsOf(enforcedReport());
    const later = eventsOf({ ...enforcedReport(), startedAt: '2027-03-01T00:00:00.000Z' });
    const uids = first.map(({ finding_info }) => finding_info.uid);

    expect(later.map(({ finding_info }) => finding_info.uid)).toEqual(uids);
    expect(new Set([...first, ...later].map(({ metadata }) => metadata.uid)).size).toBe(2 * first.length);
    expect(new Set(uids).size).toBe(uids.length);
  });

  it('calls a grant of a rule by another name once its source or its ports are others', () => {
    const [one] = vpcCleanReport().findings as [Finding];
    const grant = one.grant as VpcGrant;
    const others = [
      grant,
      { ...grant, source: { kind: 'cidr' as const, cidr: '10.20.0.0/16' } },
      { ...grant, target: { ...grant.target, ports: [6379, 6380] } },
      { ...grant, target: { ...grant.target, cacheName: 'other' } },
    ];

    const uids = eventsOf(vpcReportOf(others.map((grant) => ({ ...one, grant })))).map(
      (event) => event.finding_info.uid,
    );

    expect(new Set(uids).size).toBe(4);
  });

  it('names the cache, the security group that guards it and the rule that opens it', () => {
    const [first] = eventsOf(bothKindsReport()).filter(({ message }) => message.includes('0.0.0.0/0'));

    expect(first?.message).toBe('CIDR 0.0.0.0/0 may reach cache carts:6379: deny, would-revoke');
    expect(first?.resources.map(({ uid, type }) => [uid, type])).toEqual([
      [`${ACCOUNT}/us-east-1/carts`, 'ElastiCache cache'],
      [`arn:aws:ec2:us-east-1:${ACCOUNT}:security-group/${GUARD}`, 'AWS::EC2::SecurityGroup'],
      [`arn:aws:ec2:us-east-1:${ACCOUNT}:security-group-rule/sgr-00000000000000010`, 'AWS::EC2::SecurityGroupIngress'],
    ]);
    expect(first?.remediation?.desc).toContain('aws ec2 revoke-security-group-ingress');
    expect(first?.unmapped.security_group_rule).toMatchObject({ description: 'temporary, for debugging' });
  });

  it('passes a grant that is allowed also where its rule went because of another', () => {
    const along = eventsOf(vpcEnforcedReport()).filter(
      ({ compliance }) => compliance.status === 'Pass' && compliance.status_code !== 'allowed',
    );

    expect(along.map(({ compliance, status }) => `${compliance.status_code}, ${status}`)).toEqual([
      'revoked, Resolved',
    ]);
  });

  it('tells apart grants whose names run into each other', () => {
    const two = reportOf([findingOf(grant('a', 'b c')), findingOf(grant('a b', 'c'))]);

    expect(new Set(eventsOf(two).map(({ finding_info }) => finding_info.uid)).size).toBe(2);
  });

  it.each([
    ['us-east-1', 'aws'],
    ['cn-north-1', 'aws-cn'],
    ['us-gov-west-1', 'aws-us-gov'],
    ['us-iso-east-1', 'aws-iso'],
    ['us-isob-east-1', 'aws-iso-b'],
    ['eusc-de-east-1', 'aws-eusc'],
  ])('names the cache security group by its ARN, in the partition of %s', (region, partition) => {
    const [event] = eventsOf(reportOf([findingOf(grant('sessions', 'web', { region }))]));

    expect(event?.resources[0]).toMatchObject({
      uid: `arn:${partition}:elasticache:${region}:${ACCOUNT}:securitygroup:sessions`,
      cloud_partition: partition,
    });
  });

  it('is the same for the same report', () => {
    expect(toOcsf(enforcedReport())).toBe(toOcsf(enforcedReport()));
  });
});
