import { describe, expect, it } from 'vitest';
import { findWarnings } from '../../../src/policy/allowlist-warnings.ts';
import { parseAllowlist } from '../../../src/policy/parse-allowlist.ts';
import type { VpcAllowlistRule } from '../../../src/policy/vpc/allowlist-rule.ts';

const RULE = {
  id: 'office-and-vpc',
  caches: ['sessions', 'sessions-*'],
  cidrs: ['10.0.0.0/16', '2001:db8::/32'],
  securityGroupIds: ['sg-0123456789abcdef0'],
  ownerIds: ['self', '1234-5678-9012'],
  prefixListIds: ['pl-0123456789abcdef0'],
  ports: [6379],
  accounts: ['123456789012'],
  regions: ['us-east-1'],
  expires: '2027-01-31',
  reason: 'SEC-1234',
};
const CLASSIC = { id: 'web', cacheSecurityGroups: ['sessions'], ec2SecurityGroups: ['web'], ownerIds: ['self'] };

/** The problems, as `path: message`. */
function problemsOf(...rules: readonly object[]): string[] | undefined {
  return parseAllowlist({ version: 1, rules }).problems?.map(
    ({ path, message }) => `${path.slice(1).join('.')}: ${message}`,
  );
}

describe('a rule about caches', () => {
  it('is read as it is written, beside rules about cache security groups', () => {
    const document = { version: 1, rules: [RULE, CLASSIC] };

    expect(parseAllowlist(document)).toEqual({ allowlist: document });
  });

  it.each(['cidrs', 'securityGroupIds', 'prefixListIds'] as const)('needs no more than id, caches and %s', (who) => {
    const { id, caches, [who]: sources } = RULE;

    expect(problemsOf({ id, caches, [who]: sources })).toBeUndefined();
  });

  it('must let somebody in', () => {
    const { id, caches } = RULE;

    expect(problemsOf({ id, caches, ownerIds: ['self'] })).toEqual([
      '0: names no source: add securityGroupIds, securityGroupNames, cidrs, prefixListIds, or any of these',
    ]);
  });

  it.each([
    [
      { ...RULE, cacheSecurityGroups: ['a'] },
      '0.cacheSecurityGroups: does not go with `caches`: a rule says where by one of the two',
    ],
    [
      { ...RULE, ec2SecurityGroups: ['a'] },
      '0.ec2SecurityGroups: does not go with `caches`: it goes with `cacheSecurityGroups`',
    ],
    [{ ...CLASSIC, cidrs: ['10.0.0.0/8'] }, '0.cidrs: does not go with `cacheSecurityGroups`: it goes with `caches`'],
    [{ id: 'a', cidrs: ['10.0.0.0/8'] }, '0.caches: must be a list of caches, and is missing'],
    [{ ...RULE, caches: [] }, '0.caches: is empty: name at least one of the caches, or remove it'],
    [{ ...RULE, cidrs: [] }, '0.cidrs: is empty: name at least one of the ranges of addresses, or remove it'],
    [
      { ...RULE, cidrs: ['10.0.0.1/16'] },
      '0.cidrs.0: `10.0.0.1/16` has bits set behind its first 16: write 10.0.0.0/16',
    ],
    [
      { ...RULE, cidrs: ['10.0.0.0/00'] },
      '0.cidrs.0: `10.0.0.0/00` is not a range of addresses, such as 10.0.0.0/16 or 2001:db8::/32',
    ],
    [
      { ...RULE, publicEndpoint: false },
      '0.publicEndpoint: must be `true`, or not there: it lets anyone on the internet reach the caches, and is the boolean false',
    ],
    [{ ...RULE, cidrs: [10] }, '0.cidrs.0: must be a range of addresses, such as 10.0.0.0/16, and is the number 10'],
    [
      { ...RULE, securityGroupIds: [] },
      '0.securityGroupIds: is empty: name at least one of the ids of security groups, or remove it',
    ],
    [
      { ...RULE, securityGroupNames: [] },
      '0.securityGroupNames: is empty: name at least one of the names of security groups, or remove it',
    ],
    [{ ...RULE, ownerIds: [] }, '0.ownerIds: is empty: name at least one of the owner ids, or remove it'],
    [
      { ...RULE, prefixListIds: [] },
      '0.prefixListIds: is empty: name at least one of the ids of prefix lists, or remove it',
    ],
    [{ ...RULE, ports: [] }, '0.ports: is empty: name at least one of the ports, or remove it'],
    [
      { ...RULE, securityGroupIds: [5] },
      '0.securityGroupIds.0: must be the id of a security group, such as sg-0123456789abcdef0, and is the number 5',
    ],
    [
      { ...RULE, prefixListIds: [['pl-0a']] },
      '0.prefixListIds.0: must be the id of a prefix list, such as pl-0123456789abcdef0, and is a list',
    ],
    [
      { ...RULE, securityGroupIds: ['web'] },
      '0.securityGroupIds.0: `web` is not the id of a security group, such as sg-0123456789abcdef0',
    ],
    [
      { ...RULE, securityGroupIds: ['sg-*'] },
      '0.securityGroupIds.0: `sg-*` is not the id of a security group, such as sg-0123456789abcdef0',
    ],
    [
      { ...RULE, prefixListIds: ['sg-0a'] },
      '0.prefixListIds.0: `sg-0a` is not the id of a prefix list, such as pl-0123456789abcdef0',
    ],
    [{ ...RULE, ports: ['6379'] }, '0.ports.0: must be the number of a port, such as 6379, and is `6379`'],
    [{ ...RULE, ports: [0] }, '0.ports.0: 0 is not a port: a number from 1 to 65535'],
    [{ ...RULE, ports: [65536] }, '0.ports.0: 65536 is not a port: a number from 1 to 65535'],
    [{ ...RULE, ports: [6379.5] }, '0.ports.0: 6379.5 is not a port: a number from 1 to 65535'],
    [{ ...RULE, typo: 1 }, '0.typo: unknown key `typo`'],
  ])('may not be %j', (rule, problem) => {
    expect(problemsOf(rule)).toEqual([problem]);
  });

  it('may not have the id of a rule about cache security groups', () => {
    expect(problemsOf(CLASSIC, { ...RULE, id: 'web' })).toEqual(['1.id: `web` is the id of rules[0] already']);
  });
});

describe('the warnings of rules about caches', () => {
  const NOW = new Date('2026-11-23T12:00:00Z');
  const warningsOf = (...rules: readonly VpcAllowlistRule[]) =>
    findWarnings({ version: 1, rules }, NOW).map(({ path, message }) => `${path.slice(1).join('.')}: ${message}`);
  const rule = (changes: Partial<VpcAllowlistRule> = {}): VpcAllowlistRule => ({
    id: 'a',
    caches: ['sessions'],
    cidrs: ['10.0.0.0/16'],
    ...changes,
  });

  it('are none for one that allows what somebody may want', () => {
    expect(warningsOf(rule())).toEqual([]);
  });

  it.each(['0.0.0.0/0', '::/0'])('tell that %s is everybody', (cidr) => {
    expect(warningsOf(rule({ cidrs: ['10.0.0.0/8', cidr] }))).toEqual([
      `0.cidrs.1: rule \`a\` allows every address there is: \`${cidr}\``,
    ]);
  });

  it.each<[Partial<VpcAllowlistRule>, string]>([
    [
      { securityGroupNames: ['web', '**'] },
      '0.securityGroupNames.1: rule `a` allows every security group of its owners: `**`',
    ],
    [
      { securityGroupNames: ['sg-0a*'] },
      '0.securityGroupNames.0: `sg-0a*` matches nothing: no name begins with `sg-`. An id belongs into securityGroupIds',
    ],
    [
      { securityGroupNames: ['web'], ownerIds: ['444455556666'], accounts: ['111122223333'] },
      '0.ownerIds: the securityGroupNames of rule `a` match nothing: names of groups in other accounts cannot be looked up, so only securityGroupIds can allow them',
    ],
  ])('tell what is odd about names of security groups: %j', (changes, warning) => {
    expect(warningsOf(rule(changes))).toEqual([warning]);
  });

  it('tell that a rule is hidden by one with a wider pattern of names, for the same owners', () => {
    const narrow = rule({ id: 'b', cidrs: undefined, securityGroupNames: ['web-1'] });

    const wide = (changes: Partial<VpcAllowlistRule> = {}) => rule({ securityGroupNames: ['web-*'], ...changes });

    expect(warningsOf(wide(), narrow)).toEqual(['1.id: rule `b` does nothing: rule `a` allows all that it allows']);
    expect(warningsOf(wide({ ownerIds: ['444455556666'] }), narrow)).toEqual([]);
    expect(warningsOf(wide({ securityGroupNames: ['api-*'] }), narrow)).toEqual([]);
  });

  it('tell what does nothing, matches nothing, allows any owner or has an end', () => {
    expect(warningsOf(rule({ ownerIds: ['*'], caches: ['my cache'], expires: '2026-12-01' }))).toEqual([
      '0.expires: rule `a` expires on 2026-12-01, in 9 days: from then on, what it allows is denied',
      '0.ownerIds: rule `a` allows its security groups, whatever account owns them',
      '0.ownerIds: rule `a` has neither securityGroupIds nor securityGroupNames, so its ownerIds do nothing: ranges and prefix lists have no owner',
      '0.caches.0: `my cache` matches nothing: names of caches are letters, digits and hyphens',
    ]);
  });

  it.each<[string, Partial<VpcAllowlistRule>]>([
    ['a range inside another', { cidrs: ['10.0.1.0/24'] }],
    ['fewer caches', { caches: ['sessions'] }],
    ['fewer ports', { ports: [6379] }],
    ['one region', { regions: ['us-east-1'] }],
    ['an end', { expires: '2030-01-01' }],
  ])('tell of a rule that another one hides: %s', (_, changes) => {
    const wide = rule({ id: 'wide', caches: ['*'] });

    expect(warningsOf(wide, rule({ id: 'narrow', ...changes }))).toEqual([
      '1.id: rule `narrow` does nothing: rule `wide` allows all that it allows',
    ]);
  });

  it.each<[string, Partial<VpcAllowlistRule>]>([
    ['a wider range', { cidrs: ['10.0.0.0/8'] }],
    ['another family', { cidrs: ['2001:db8::/32'] }],
    ['a security group', { securityGroupIds: ['sg-0a'] }],
    ['a prefix list', { prefixListIds: ['pl-0a'] }],
  ])('do not tell so of a rule that allows more: %s', (_, changes) => {
    expect(warningsOf(rule({ id: 'wide', caches: ['*'] }), rule({ id: 'other', ...changes }))).toEqual([]);
  });

  it.each<[string, Partial<VpcAllowlistRule>, Partial<VpcAllowlistRule>]>([
    [
      'each of its caches and ranges',
      { caches: ['a', 'b*'], cidrs: ['10.0.0.0/9', '10.128.0.0/9'] },
      { caches: ['b1', 'a'], cidrs: ['10.200.0.0/16', '10.0.1.0/24'] },
    ],
    [
      'its security groups, whoever owns them',
      { securityGroupIds: ['sg-0a', 'sg-0b'], ownerIds: ['*'] },
      { securityGroupIds: ['sg-0b'] },
    ],
    [
      'its owner, written with hyphens',
      { securityGroupIds: ['sg-0a'], ownerIds: ['1234-5678-9012'] },
      { securityGroupIds: ['sg-0a'], ownerIds: ['123456789012'] },
    ],
    [
      'the account itself, said or not',
      { securityGroupIds: ['sg-0a'] },
      { securityGroupIds: ['sg-0a'], ownerIds: ['self'] },
    ],
    ['its prefix lists', { prefixListIds: ['pl-0a', 'pl-0b'] }, { prefixListIds: ['pl-0b'] }],
    ['its accounts', { accounts: ['123456789012', '111122223333'] }, { accounts: ['1234-5678-9012'] }],
    ['its regions', { regions: ['us-east-1', 'eu-west-1'] }, { regions: ['eu-west-1'] }],
    ['its ports', { ports: [6379, 6380] }, { ports: [6380] }],
    ['its days', { expires: '2030-01-02' }, { expires: '2030-01-01' }],
    ['a range, where owners have no say', { ownerIds: ['123456789012'] }, {}],
  ])('tell that a rule does nothing where another one has %s', (_, wide, narrow) => {
    const found = warningsOf(rule({ id: 'a', ...wide }), rule({ id: 'b', ...narrow }));

    expect(found).toContain('1.id: rule `b` does nothing: rule `a` allows all that it allows');
  });

  it.each<[string, Partial<VpcAllowlistRule>, Partial<VpcAllowlistRule>]>([
    ['one cache more', { caches: ['a', 'b'] }, { caches: ['a', 'c'] }],
    ['one range more', {}, { cidrs: ['10.0.1.0/24', '10.1.0.0/16'] }],
    ['another owner', { securityGroupIds: ['sg-0a'] }, { securityGroupIds: ['sg-0a'], ownerIds: ['123456789012'] }],
    [
      'the account itself',
      { securityGroupIds: ['sg-0a'], ownerIds: ['123456789012'] },
      { securityGroupIds: ['sg-0a'] },
    ],
    ['a prefix list more', { prefixListIds: ['pl-0a'] }, { prefixListIds: ['pl-0a', 'pl-0b'] }],
    ['one account more', { accounts: ['123456789012'] }, { accounts: ['123456789012', '111122223333'] }],
    ['any account', { accounts: ['123456789012'] }, {}],
    ['any region', { regions: ['us-east-1'] }, {}],
    ['any port', { ports: [6379] }, {}],
    ['one port more', { ports: [6379] }, { ports: [6379, 6380] }],
    ['more days', { expires: '2030-01-01' }, { expires: '2030-01-02' }],
    ['no end', { expires: '2030-01-01' }, {}],
  ])('do not tell so of a rule that has %s than the other one', (_, narrow, wide) => {
    const found = warningsOf(rule({ id: 'a', ...narrow }), rule({ id: 'b', ...wide }));

    expect(found.filter((warning) => warning.includes('rule `b` does nothing'))).toEqual([]);
  });

  it('do not tell that owners do nothing where there are security groups for them to own', () => {
    expect(warningsOf(rule({ securityGroupIds: ['sg-0a'], ownerIds: ['self'] }))).toEqual([]);
  });

  it('name the later of two that are the same', () => {
    expect(warningsOf(rule({ id: 'b' }), rule({ id: 'a' }))).toEqual([
      '0.id: rule `b` does nothing: rule `a` allows all that it allows',
    ]);
  });
});
