import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePolicy, type Question } from '../../../src/local/iam/policy.ts';
import { times } from '../../support/tools/fuzz.ts';

const MEMBER = '222222222222';
const HUB = '111122223333';
const ROLE = `arn:aws:iam::${HUB}:role/ingress-guard/judge`;

function ask(
  changes: Omit<Partial<Question>, 'context'> & { readonly context?: Record<string, string | string[]> } = {},
) {
  const { context = {}, ...rest } = changes;
  return {
    action: 'ec2:RevokeSecurityGroupIngress',
    resource: `arn:aws:ec2:us-east-1:${MEMBER}:security-group/sg-1`,
    principal: { accountId: HUB, arn: ROLE },
    ...rest,
    context: new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), value])),
  };
}

const allow = (statement: object) => compilePolicy({ Statement: { Effect: 'Allow', Resource: '*', ...statement } });

describe('a statement', () => {
  test.each([
    ['the action itself', { Action: 'ec2:RevokeSecurityGroupIngress' }, 'allow'],
    ['the action in another case', { Action: 'EC2:revokesecuritygroupingress' }, 'allow'],
    ['one of several actions', { Action: ['s3:*', 'ec2:Revoke*'] }, 'allow'],
    ['another action', { Action: 'ec2:Describe*' }, 'implicit deny'],
    ['all but this action', { NotAction: 'ec2:Revoke*' }, 'implicit deny'],
    ['all but another action', { NotAction: 'ec2:Describe*' }, 'allow'],
    ['the resource', { Action: '*', Resource: 'arn:aws:ec2:*:*:security-group/sg-?' }, 'allow'],
    ['another resource', { Action: '*', Resource: 'arn:aws:ec2:*:*:security-group/sg-2' }, 'implicit deny'],
    ['all but this resource', { Action: '*', Resource: undefined, NotResource: '*/sg-1' }, 'implicit deny'],
  ])('allows by %s', (_, statement, answer) => {
    const { Resource = '*', ...rest } = statement as { Resource?: string };
    const whole = 'NotResource' in rest ? rest : { ...rest, Resource };

    expect(compilePolicy({ Statement: [{ Effect: 'Allow', ...whole }] })(ask())).toBe(answer);
  });

  test('that denies wins over all that allow, in whatever order', () => {
    const allows = { Effect: 'Allow', Action: '*', Resource: '*' };
    const denies = { Effect: 'Deny', Action: 'ec2:Revoke*', Resource: '*' };

    const answers = [
      [allows, denies],
      [denies, allows],
    ].map((Statement) => compilePolicy({ Statement })(ask()));

    expect(answers).toEqual(['explicit deny', 'explicit deny']);
  });
});

describe('a condition', () => {
  const inRegion = { 'aws:RequestedRegion': 'us-east-1' };

  test.each([
    ['StringEquals', { 'aws:RequestedRegion': ['us-east-1', 'eu-west-1'] }, inRegion, true],
    ['StringEquals', { 'aws:requestedregion': 'us-east-1' }, inRegion, true],
    ['StringEquals', { 'aws:RequestedRegion': 'eu-west-1' }, inRegion, false],
    ['StringEquals', { 'aws:RequestedRegion': 'us-east-1' }, {}, false],
    ['StringEqualsIfExists', { 'aws:RequestedRegion': 'us-east-1' }, {}, true],
    ['StringNotEquals', { 'aws:RequestedRegion': ['us-east-1', 'eu-west-1'] }, inRegion, false],
    ['StringNotEquals', { 'aws:RequestedRegion': 'us-east-1' }, {}, true],
    ['StringLike', { 'aws:RequestedRegion': 'us-*' }, inRegion, true],
    ['StringLike', { 'aws:RequestedRegion': 'US-*' }, inRegion, false],
    ['StringEqualsIgnoreCase', { 'aws:RequestedRegion': 'US-EAST-1' }, inRegion, true],
    ['ArnLike', { 'aws:PrincipalArn': `arn:aws:iam::${HUB}:role/ingress-guard/*` }, { 'aws:PrincipalArn': ROLE }, true],
    ['ArnLike', { 'aws:PrincipalArn': `arn:aws:iam::*/ingress-guard/*` }, { 'aws:PrincipalArn': ROLE }, false],
    ['ArnNotLike', { 'aws:PrincipalArn': `arn:aws:iam::${HUB}:role/*` }, { 'aws:PrincipalArn': ROLE }, false],
    [
      'ForAnyValue:StringLike',
      { 'aws:PrincipalOrgPaths': 'o-1/r-1/*' },
      { 'aws:PrincipalOrgPaths': ['x', 'o-1/r-1/ou-2/'] },
      true,
    ],
    ['ForAllValues:StringEquals', { 'events:source': ['a', 'b'] }, { 'events:source': ['a', 'b'] }, true],
    ['ForAllValues:StringEquals', { 'events:source': ['a'] }, { 'events:source': ['a', 'b'] }, false],
    ['ForAllValues:StringEquals', { 'events:source': ['a'] }, {}, true],
    ['Null', { 'aws:PrincipalOrgID': 'true' }, {}, true],
    ['Null', { 'aws:PrincipalOrgID': 'false' }, {}, false],
  ])('holds as documented: %s %j of %j', (operator, keys, context, holds) => {
    const policy = allow({ Action: '*', Condition: { [operator]: keys } });

    expect(policy(ask({ context }))).toBe(holds ? 'allow' : 'implicit deny');
  });

  test('holds only if each of them does', () => {
    const policy = allow({
      Action: '*',
      Condition: { StringEquals: inRegion, StringLike: { 'aws:PrincipalOrgID': 'o-1' } },
    });

    expect(policy(ask({ context: inRegion }))).toBe('implicit deny');
    expect(policy(ask({ context: { ...inRegion, 'aws:PrincipalOrgID': 'o-1' } }))).toBe('allow');
  });
});

describe('a principal', () => {
  test.each([
    ['everyone', '*', 'allow'],
    ['everyone, in an object', { AWS: '*' }, 'allow'],
    ['the account', { AWS: `arn:aws:iam::${HUB}:root` }, 'allow'],
    ['the account by its id', { AWS: [MEMBER, HUB] }, 'allow'],
    ['the role', { AWS: ROLE }, 'allow'],
    ['another role', { AWS: `arn:aws:iam::${HUB}:role/other` }, 'implicit deny'],
    ['another account', { AWS: `arn:aws:iam::${MEMBER}:root` }, 'implicit deny'],
    ['a service', { Service: 'events.amazonaws.com' }, 'implicit deny'],
  ])('is meant as documented: %s', (_, Principal, answer) => {
    const policy = compilePolicy({ Statement: { Effect: 'Allow', Principal, Action: '*' } }, true);

    expect(policy(ask())).toBe(answer);
  });
});

describe('what is not known here', () => {
  const statement = { Effect: 'Allow', Action: '*', Resource: '*' };

  test.each([
    ['no policy', null],
    ['no statement', {}],
    ['a statement that is none', { Statement: 'Allow' }],
    ['another effect', { Statement: { ...statement, Effect: 'Maybe' } }],
    ['no action', { Statement: { Effect: 'Allow', Resource: '*' } }],
    ['no resource', { Statement: { Effect: 'Allow', Action: '*' } }],
    ['a principal where there is no resource', { Statement: { ...statement, Principal: '*' } }],
    ['another key', { Statement: { ...statement, Resources: '*' } }],
    ['another operator', { Statement: { ...statement, Condition: { StringMatches: { 'aws:PrincipalArn': '*' } } } }],
    ['an operator of Object', { Statement: { ...statement, Condition: { toString: { 'aws:PrincipalArn': '*' } } } }],
    ['another condition key', { Statement: { ...statement, Condition: { StringLike: { 'aws:Weather': '*' } } } }],
  ])('is refused when the policy is made: %s', (_, document) => {
    expect(() => compilePolicy(document)).toThrow(/policy|Statement|condition/);
  });

  test.each([
    ['no principal', {}],
    ['a principal of another kind', { Principal: { Federated: 'accounts.example.com' } }],
  ])('is refused of a resource’s policy: %s', (_, changes) => {
    expect(() => compilePolicy({ Statement: { Effect: 'Allow', Action: '*', ...changes } }, true)).toThrow(/Principal/);
  });
});

test('a pattern with many stars is answered at once, whatever it is compared with', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '*', '?', ':'), maxLength: 60 }), (pattern) => {
      const policy = allow({ Action: '*', Resource: pattern || 'a' });

      expect(['allow', 'implicit deny']).toContain(policy(ask({ resource: 'a'.repeat(2000) })));
    }),
    times(100),
  );
});
