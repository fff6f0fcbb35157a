import { describe, expect, test } from 'vitest';
import { CompiledAllowlist } from '../../../src/policy/compile-allowlist.ts';
import { decide } from '../../../src/policy/decide.ts';
import type { VpcAllowlistRule } from '../../../src/policy/vpc/allowlist-rule.ts';
import { asksForGroupNames } from '../../../src/policy/vpc/group-names.ts';
import { judgeRule } from '../../../src/policy/vpc/judge-rule.ts';
import type { SecurityGroupSource } from '../../../src/policy/vpc/source.ts';
import { whyUnknown } from '../../../src/policy/vpc/unknown.ts';
import { ACCOUNT, STRANGER, vpcGrant } from '../../support/examples/grants.ts';
import { ruleFrom, sessions } from '../../support/examples/security-groups.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const OWN: SecurityGroupSource = {
  kind: 'securityGroup',
  securityGroupId: 'sg-0a',
  securityGroupName: 'web',
  securityGroupOwnerId: ACCOUNT,
};
const { securityGroupName: _name, ...UNNAMED } = OWN;
const { securityGroupOwnerId: _owner, ...UNOWNED } = UNNAMED;
const BY_NAME: VpcAllowlistRule = { id: 'web', caches: ['sessions'], securityGroupNames: ['web', 'api-*'] };
const BY_ID: VpcAllowlistRule = { id: 'ids', caches: ['sessions'], securityGroupIds: ['sg-0a'] };

const compiled = (...rules: readonly VpcAllowlistRule[]) => new CompiledAllowlist({ version: 1, rules });
const judge = (source: SecurityGroupSource, ...rules: readonly VpcAllowlistRule[]) =>
  decide(vpcGrant(source), compiled(...rules), NOW);
const unknown = (source: SecurityGroupSource, ...rules: readonly VpcAllowlistRule[]) =>
  whyUnknown(vpcGrant(source), compiled(...rules), NOW);
const named = (securityGroupName: string): SecurityGroupSource => ({ ...OWN, securityGroupName });

describe('a security group', () => {
  test.each(['web', 'api-', 'api-2'])('is allowed by its name: %s', (name) => {
    expect(judge(named(name), BY_NAME)).toEqual({ effect: 'allow', rule: 'web' });
  });

  test.each(['Web', 'web ', 'webs', 'default'])('is not allowed by a name that differs in anything: %j', (name) => {
    expect(judge(named(name), BY_NAME)).toMatchObject({
      effect: 'deny',
      reasons: [{ text: `rule \`web\` covers the cache but not security group \`sg-0a\` (\`${name}\`)` }],
    });
  });

  test('is compared as it is, whatever signs its name has', () => {
    const rule = { ...BY_NAME, securityGroupNames: ['we\\*b [x]'] };

    expect(judge(named('we*b [x]'), rule).effect).toBe('allow');
    expect(judge(named('weeb [x]'), rule).effect).toBe('deny');
  });

  test('of another owner is not allowed by its name, unless that owner is among ownerIds', () => {
    const strangers = { ...OWN, securityGroupOwnerId: STRANGER };

    expect(judge(strangers, BY_NAME).effect).toBe('deny');
    expect(judge(strangers, { ...BY_NAME, ownerIds: [STRANGER] }).effect).toBe('allow');
  });

  test('of another account whose name cannot be looked up is denied, and the reason says how to allow it', () => {
    const strangers = { ...UNNAMED, securityGroupOwnerId: STRANGER };

    expect(judge(strangers, { ...BY_NAME, ownerIds: ['*'] })).toMatchObject({
      reasons: [
        {
          text: 'rule `web` covers the cache but not security group `sg-0a` (its name cannot be looked up: only `securityGroupIds` can allow a group of another account)',
        },
      ],
    });
    expect(unknown(strangers, { ...BY_NAME, ownerIds: ['*'] })).toBeUndefined();
  });
});

describe('a denial', () => {
  test('for want of a name that a rule may ask for depends on something unknown', () => {
    expect(judge(UNNAMED, BY_NAME)).toMatchObject({
      reasons: [{ text: 'rule `web` covers the cache but not security group `sg-0a` (its name is not known)' }],
    });
    expect(unknown(UNNAMED, BY_NAME)).toBe(
      'the name of security group sg-0a is not known: EC2 does not list it. If it was deleted, remove the security group rule',
    );
  });

  test('for want of an owner does, by id and by name', () => {
    const why =
      'the owner of security group sg-0a is not known: EC2 does not list it. If it was deleted, remove the security group rule';

    expect(unknown(UNOWNED, BY_ID)).toBe(why);
    expect(unknown(UNOWNED, BY_NAME)).toBe(why);
    expect(unknown({ ...UNOWNED, securityGroupName: 'web' }, BY_NAME)).toBe(why);
  });

  test('says that a name is not known where a rule asks for it, and nowhere else', () => {
    expect(judge(UNOWNED, BY_NAME)).toMatchObject({
      reasons: [
        {
          text: 'rule `web` covers the cache but not security group `sg-0a` (its name is not known) or an owner that is not known',
        },
      ],
    });
    expect(judge(UNNAMED, { ...BY_ID, securityGroupIds: ['sg-0b'] })).toMatchObject({
      reasons: [{ text: 'rule `ids` covers the cache but not security group `sg-0a`' }],
    });
  });

  test('is none, and depends on nothing unknown, where the group is allowed by its id', () => {
    expect(judge(UNNAMED, BY_ID).effect).toBe('allow');
    expect(unknown(UNNAMED, BY_ID)).toBeUndefined();
  });

  test.each<[string, SecurityGroupSource, VpcAllowlistRule]>([
    ['no rule asks for names', UNNAMED, { ...BY_ID, securityGroupIds: ['sg-0b'] }],
    ['the id is another', UNOWNED, { ...BY_ID, securityGroupIds: ['sg-0b'] }],
    ['the name is another', { ...UNOWNED, securityGroupName: 'batch' }, BY_NAME],
    ['the cache is another', UNNAMED, { ...BY_NAME, caches: ['carts'] }],
    ['the port is another', UNNAMED, { ...BY_NAME, ports: [6380] }],
    ['the rule has expired', UNNAMED, { ...BY_NAME, expires: '2026-11-22' }],
    ['the account is another', UNNAMED, { ...BY_NAME, accounts: [STRANGER] }],
    ['the owner is none of the rule', UNNAMED, { ...BY_NAME, ownerIds: [STRANGER] }],
    ['all is known', OWN, { ...BY_NAME, securityGroupNames: ['batch'] }],
  ])('depends on nothing unknown where %s', (_, source, rule) => {
    expect(judge(source, rule).effect).toBe('deny');
    expect(unknown(source, rule)).toBeUndefined();
  });
});

test('a rule is unknown if the denial for any of its caches is, and not the first', () => {
  const caches = [{ ...sessions, cacheName: 'carts' }, sessions];

  expect(judgeRule(ruleFrom(UNNAMED), caches, compiled(BY_NAME), NOW)).toMatchObject({
    isDenied: true,
    unknown: expect.stringContaining('the name of security group sg-0a is not known'),
  });
});

test('names are asked for if any rule asks for them, and for no other', () => {
  expect(asksForGroupNames(compiled(BY_ID, BY_NAME))).toBe(true);
  expect(asksForGroupNames(compiled(BY_ID))).toBe(false);
});
