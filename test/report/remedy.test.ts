import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { parseAllowlistText } from '../../src/allowlist/parse-allowlist-text.ts';
import { decide } from '../../src/policy/decide.ts';
import type { VpcGrant } from '../../src/policy/vpc/grant.ts';
import type { SecurityGroupRule } from '../../src/policy/vpc/security-group-rule.ts';
import type { VpcSource } from '../../src/policy/vpc/source.ts';
import { revokeCommand, rulesToAdd } from '../../src/report/remedy.ts';
import { grant, HOSTILE_NAMES, STARTED_AT } from '../support/examples/audit-reports.ts';
import { STRANGER } from '../support/examples/grants.ts';
import { DENIED_RULES, findingsOf, STRANGERS, vpcGrant } from '../support/examples/vpc-audit-reports.ts';

/** What a shell makes of the words of a command. */
function wordsOf(command: string): string[] {
  const script = command.replace(/^aws /, `'${process.execPath}' -p 'JSON.stringify(process.argv.slice(1))' -- `);
  return JSON.parse(execFileSync('sh', ['-c', script], { encoding: 'utf8' }));
}

const NAMES = HOSTILE_NAMES.filter((name) => /^[ -~]+$/.test(name));

describe('the command that revokes a grant', () => {
  it('can be read', () => {
    expect(revokeCommand(grant('sessions', 'web', { owner: STRANGER }))).toBe(
      'aws elasticache revoke-cache-security-group-ingress --region us-east-1 --cache-security-group-name sessions ' +
        `--ec2-security-group-name web --ec2-security-group-owner-id ${STRANGER}`,
    );
  });

  it.each(NAMES)('gives the AWS CLI the name as it is, whatever it is: %s', (name) => {
    const words = wordsOf(revokeCommand(grant('sessions', name)) as string);

    const input = words.indexOf('--cli-input-json');
    const given =
      input === -1
        ? words.map((word, i) =>
            word === '--ec2-security-group-name' ? words[i + 1] : word.split('--ec2-security-group-name=')[1],
          )
        : [JSON.parse(words[input + 1] as string).EC2SecurityGroupName];
    expect(given.filter((one) => one !== undefined)).toEqual([name]);
  });

  it('never gives the AWS CLI a name as an option from which it would read a file', () => {
    for (const name of ['file:///etc/passwd', 'fileb://x', 'https://example.com']) {
      expect(revokeCommand(grant('sessions', name))).toContain('--cli-input-json');
    }
  });
});

describe("the command that revokes a security group's rule", () => {
  it('can be read, and is the same for each of its grants', () => {
    const commands = findingsOf(DENIED_RULES[0] as SecurityGroupRule).map((one) => revokeCommand(one.grant));

    expect(commands).toHaveLength(2);
    expect(new Set(commands)).toEqual(
      new Set([
        'aws ec2 revoke-security-group-ingress --region us-east-1 --group-id sg-000000000000000ca ' +
          '--security-group-rule-ids sgr-00000000000000010',
      ]),
    );
  });

  it.each([...NAMES, '[1,2]', '{}'])('gives the AWS CLI the id as it is, whatever it is: %s', (id) => {
    const words = wordsOf(
      revokeCommand(
        vpcGrant({ kind: 'cidr', cidr: '0.0.0.0/0' }, { securityGroupId: id, securityGroupRuleId: id }),
      ) as string,
    );

    const input = JSON.parse(words[words.indexOf('--cli-input-json') + 1] as string);
    expect(input).toEqual({ GroupId: id, SecurityGroupRuleIds: [id] });
  });
});

describe('the rules to add', () => {
  it('can be read', () => {
    expect(rulesToAdd([grant('sessions', 'web'), grant('sessions', 'Web 2')], '2027-02-03')).toBe(
      [
        '  - id: sessions-2027-02-03',
        '    cacheSecurityGroups: [sessions]',
        '    ec2SecurityGroups: ["Web 2", web]',
        '    ownerIds: [self]',
        '    accounts: ["111122223333"]',
        '    regions: [us-east-1]',
        '    reason: "" # why it is needed',
      ].join('\n'),
    );
  });

  it.each([...NAMES, 'no', 'null', '007', '1e3', 'a: b', '*', '?', 'a\\b', '- x', '# x', '[web]', '{a,b}'])(
    'make the allowlist allow the grant and nothing like it, whatever its name is: %s',
    async (name) => {
      const one = grant('sessions', name, { owner: STRANGER });
      const text = `version: 1\nrules:\n${rulesToAdd([one], '2027-02-03')}\n`;

      const { compiled } = parseAllowlistText(text, 'allowlist.yaml');

      const effect = (other: typeof one) => decide(other, compiled, STARTED_AT).effect;
      expect(effect(one)).toBe('allow');
      expect(effect(grant('sessions', `${name}x`, { owner: STRANGER }))).toBe('deny');
      expect(effect(grant('sessions', name))).toBe('deny');
    },
  );

  it('can be read for caches too', () => {
    const grants = [
      vpcGrant({ kind: 'cidr', cidr: '2001:db8::/32' }),
      vpcGrant({ kind: 'cidr', cidr: '10.0.0.0/16' }),
      vpcGrant({ kind: 'prefixList', prefixListId: 'pl-0f' }),
      vpcGrant({ kind: 'securityGroup', securityGroupId: STRANGERS, securityGroupOwnerId: STRANGER }),
    ];

    expect(rulesToAdd(grants, '2027-02-03')).toBe(
      [
        '  - id: orders-1-2027-02-03',
        '    caches: [orders]',
        `    securityGroupIds: [${STRANGERS}]`,
        `    ownerIds: ["${STRANGER}"]`,
        '    ports: [6379]',
        '    accounts: ["111122223333"]',
        '    regions: [us-east-1]',
        '    reason: "" # why it is needed',
        '  - id: orders-2-2027-02-03',
        '    caches: [orders]',
        '    cidrs: ["10.0.0.0/16", "2001:db8::/32"]',
        '    prefixListIds: [pl-0f]',
        '    ports: [6379]',
        '    accounts: ["111122223333"]',
        '    regions: [us-east-1]',
        '    reason: "" # why it is needed',
      ].join('\n'),
    );
  });

  it.each<VpcSource>([
    { kind: 'cidr', cidr: '0.0.0.0/0' },
    { kind: 'cidr', cidr: '2001:db8::/32' },
    { kind: 'prefixList', prefixListId: 'pl-0f' },
    { kind: 'securityGroup', securityGroupId: STRANGERS, securityGroupOwnerId: STRANGER },
    {
      kind: 'securityGroup',
      securityGroupId: 'sg-0f',
      securityGroupName: 'web *',
      securityGroupOwnerId: '111122223333',
    },
  ])('make the allowlist allow a cache to be reached by this and by nothing else: %o', (source) => {
    const one = vpcGrant(source);
    const { compiled } = parseAllowlistText(`version: 1\nrules:\n${rulesToAdd([one], '2027-02-03')}\n`, 'a.yaml');

    const effect = (other: VpcGrant) => decide(other, compiled, STARTED_AT).effect;

    expect(effect(one)).toBe('allow');
    expect(effect({ ...one, target: { ...one.target, cacheName: 'orders-2' } })).toBe('deny');
    expect(effect({ ...one, target: { ...one.target, ports: [6379, 6380] } })).toBe('deny');
    expect(effect(vpcGrant({ kind: 'cidr', cidr: '::/0' }))).toBe('deny');
    expect(effect(vpcGrant({ kind: 'securityGroup', securityGroupId: STRANGERS }))).toBe('deny');
  });

  it('are none where nobody knows who owns the source', () => {
    expect(rulesToAdd([vpcGrant({ kind: 'securityGroup', securityGroupId: STRANGERS })], '2027-02-03')).toBe('');
  });
});
