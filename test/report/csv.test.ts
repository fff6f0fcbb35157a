import { describe, expect, it } from 'vitest';
import { HELD_BECAUSE } from '../../src/policy/outcome.ts';
import { toCsv } from '../../src/report/csv.ts';
import {
  cleanReport,
  enforcedReport,
  findingOf,
  grant,
  HOSTILE_NAMES,
  hostileReport,
  incompleteReport,
  reportOf,
} from '../support/examples/audit-reports.ts';
import { STRANGER } from '../support/examples/grants.ts';
import {
  bothKindsReport,
  GUARD,
  hostileVpcReport,
  STRANGERS,
  severalNamesReport,
} from '../support/examples/vpc-audit-reports.ts';

const CLASSIC_COLUMNS = [
  ...['record', 'account', 'region', 'cacheSecurityGroupName', 'ec2SecurityGroupName', 'ec2SecurityGroupOwnerId'],
  ...['status', 'effect', 'outcome', 'rule', 'reasons', 'problem', 'revocationRequestId', 'verifiedGone', 'startedAt'],
];
const VPC_COLUMNS = [
  ...['cacheName', 'ports', 'securityGroupId', 'securityGroupRuleId'],
  ...['sourceCidr', 'sourcePrefixListId', 'sourceSecurityGroupId', 'sourceSecurityGroupOwnerId'],
  ...['ipProtocol', 'fromPort', 'toPort', 'description', 'remark', 'clusterNames', 'sourceSecurityGroupName'],
  ...['heldBecause', 'publicEndpoint', 'accountName', 'accountPath', 'events'],
  ...['madeByEvent', 'madeBy', 'madeThrough', 'madeAt', 'madeByEventId'],
];

/** Reads CSV as RFC 4180 has it, and nothing looser. */
function read(csv: string): Record<string, string>[] {
  const records: string[][] = [];
  let rest = csv;
  while (rest !== '') {
    const record: string[] = [];
    for (let end = ','; end === ','; ) {
      const field = /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/.exec(rest);
      if (field === null) throw new Error(`not CSV: ${JSON.stringify(rest.slice(0, 60))}`);
      record.push(field[1]?.replaceAll('""', '"') ?? field[2] ?? '');
      end = field[3] as string;
      rest = rest.slice(field[0].length);
    }
    records.push(record);
  }
  const [header = [], ...rows] = records;
  return rows.map((row) => {
    expect(row).toHaveLength(header.length);
    return Object.fromEntries(header.map((name, i) => [name, row[i] as string]));
  });
}

describe('the report as CSV', () => {
  it('has a row for each finding, with all there is to know of it', () => {
    const rows = read(toCsv(enforcedReport()));

    expect(rows).toHaveLength(9);
    expect(rows.find(({ ec2SecurityGroupName }) => ec2SecurityGroupName === 'debug')).toEqual({
      record: 'finding',
      account: '111122223333',
      region: 'us-east-1',
      cacheSecurityGroupName: 'queue',
      ec2SecurityGroupName: 'debug',
      ec2SecurityGroupOwnerId: '111122223333',
      status: 'authorized',
      effect: 'deny',
      outcome: 'revoked',
      rule: 'jobs-to-queue',
      reasons: 'rule `jobs-to-queue` covers the cache security group and owner id but not EC2 security group `debug`',
      problem: '',
      revocationRequestId: '3d1f2a90-7c55-4e7e-9a1b-000000000002',
      verifiedGone: 'false',
      startedAt: '2027-02-03T04:05:06.789Z',
      ...Object.fromEntries(VPC_COLUMNS.map((column) => [column, ''])),
    });
  });

  it("has what there is to know of a rule's grants too, in columns of their own behind those that were there before", () => {
    const csv = toCsv(bothKindsReport());
    const rows = read(csv);
    const reached = (cacheName: string, rule: string) =>
      rows.find((row) => row.cacheName === cacheName && row.securityGroupRuleId === rule);

    expect(csv.split('\r\n')[0]).toBe([...CLASSIC_COLUMNS, ...VPC_COLUMNS].join(','));
    expect(reached('carts', 'sgr-00000000000000011')).toEqual({
      record: 'finding',
      account: '111122223333',
      region: 'us-east-1',
      cacheSecurityGroupName: '',
      ec2SecurityGroupName: '',
      ec2SecurityGroupOwnerId: '',
      status: 'listed',
      effect: 'deny',
      outcome: 'would-revoke',
      rule: 'office-to-caches',
      reasons:
        'rule `office-to-caches` covers the cache but not CIDR `::/0` (nearest: 2001:db8:20::/48); rule `monitoring` covers the cache but not CIDR `::/0`',
      problem: '',
      revocationRequestId: '',
      verifiedGone: '',
      startedAt: '2027-02-03T04:05:06.789Z',
      cacheName: 'carts',
      ports: '6379; 6380',
      securityGroupId: GUARD,
      securityGroupRuleId: 'sgr-00000000000000011',
      sourceCidr: '::/0',
      sourcePrefixListId: '',
      sourceSecurityGroupId: '',
      sourceSecurityGroupOwnerId: '',
      ipProtocol: 'tcp',
      fromPort: '0',
      toPort: '65535',
      description: '',
      remark: 'the rule opens ports 0 to 65535, and the caches behind it listen on 6379, 6380, 11211',
      clusterNames: '',
      sourceSecurityGroupName: '',
      heldBecause: '',
      publicEndpoint: '',
      accountName: '',
      accountPath: '',
      events: '',
      madeByEvent: '',
      madeBy: '',
      madeThrough: '',
      madeAt: '',
      madeByEventId: '',
    });
    expect(reached('orders', 'sgr-00000000000000010')).toMatchObject({ description: 'temporary, for debugging' });
    expect(reached('orders', 'sgr-00000000000000013')).toMatchObject({
      sourceSecurityGroupId: STRANGERS,
      sourceSecurityGroupOwnerId: STRANGER,
    });
    expect(reached('orders', 'sgr-00000000000000016')).toMatchObject({ sourcePrefixListId: 'pl-00000000000000002' });
    expect(reached('rates', 'sgr-00000000000000014')).toMatchObject({ ipProtocol: "'-1", fromPort: "'-1" });
  });

  it('names the clusters of a replication group, and the security groups whose names are known', () => {
    const rows = read(toCsv(severalNamesReport()));

    expect(rows.map((row) => row.sourceSecurityGroupName)).toContain('`web` \u202e</script>');
    expect(rows.map(({ cacheName, clusterNames }) => [cacheName, clusterNames])).toEqual([
      ['orders', 'orders-001; shop'],
      ['orders', 'orders-001; shop'],
      ['orders', 'orders-001; shop'],
    ]);
  });

  it('has a row for each thing that was not evaluated', () => {
    const rows = read(toCsv(incompleteReport())).filter(({ record }) => record === 'not-judged');

    expect(rows).toMatchObject([
      { region: 'us-east-1', effect: '', problem: 'a grant: ec2SecurityGroupOwnerId `12` is not 12 digits' },
      {
        region: 'eu-central-1',
        effect: '',
        problem: 'what comes after 100 cache security groups: Throttling: Rate exceeded',
      },
    ]);
  });

  it.each(HELD_BECAUSE)('says why a grant is held: %s', (heldBecause) => {
    const finding = { ...findingOf(grant('a', 'b')), outcome: 'held', heldBecause } as const;

    expect(read(toCsv(reportOf([finding])))).toMatchObject([{ outcome: 'held', heldBecause }]);
  });

  it('has a header also if there is nothing in it', () => {
    expect(toCsv(reportOf([]))).toMatch(/^record,account,region,[a-zA-Z0-9,]+\r\n$/);
  });

  it('keeps leading zeros', () => {
    const owner = '000011112222';

    expect(toCsv(reportOf([findingOf(grant('a', 'b', { owner }))]))).toContain(`,${owner},`);
  });

  const FORMULAS = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '＝1', "'=1", "'"];

  it.each([...FORMULAS, ...HOSTILE_NAMES])(
    'holds no cell that a spreadsheet would run, and loses no value: %j',
    (name) => {
      const [row] = read(toCsv(reportOf([findingOf(grant('sessions', name))])));

      const cell = row?.ec2SecurityGroupName as string;
      expect(cell).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/);
      expect(cell.replace(/^'/, '')).toBe(name);
    },
  );

  it.each(['a\nb', 'a\rb', 'a\r\nb'])('puts a cell with a line break in quotes: %j', (description) => {
    const report = bothKindsReport();
    const findings = report.findings.map((one) =>
      one.securityGroupRule ? { ...one, securityGroupRule: { ...one.securityGroupRule, description } } : one,
    );

    const csv = toCsv({ ...report, findings });

    expect(csv).toContain(`"${description}"`);
    expect(read(csv).map((row) => row.description)).toContain(description);
  });

  it('holds no cell that a spreadsheet would run in any other column', () => {
    for (const row of [...read(toCsv(hostileReport())), ...read(toCsv(hostileVpcReport()))]) {
      for (const cell of Object.values(row)) expect(cell).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/);
    }
  });

  it('is the same for the same report', () => {
    expect(toCsv(cleanReport())).toBe(toCsv(cleanReport()));
  });
});
