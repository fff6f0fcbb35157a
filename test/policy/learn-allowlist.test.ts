import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isClassicRule } from '../../src/policy/allowlist.ts';
import type { ClassicGrant } from '../../src/policy/classic/grant.ts';
import { CompiledAllowlist } from '../../src/policy/compile-allowlist.ts';
import { decide } from '../../src/policy/decide.ts';
import { learnAllowlist } from '../../src/policy/learn-allowlist.ts';
import { parseAllowlist } from '../../src/policy/parse-allowlist.ts';
import { times } from '../support/tools/fuzz.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const [OWN, OTHER, STRANGER] = ['111122223333', '012345678901', '999988887777'] as const;

const grant = (
  cacheSecurityGroupName: string,
  ec2SecurityGroupName: string,
  owner: string = OWN,
  account: string = OWN,
  region = 'us-east-1',
): ClassicGrant => ({
  kind: 'classic',
  account,
  region,
  target: { cacheSecurityGroupName },
  source: { ec2SecurityGroupName, ec2SecurityGroupOwnerId: owner },
});

const learn = (...grants: readonly ClassicGrant[]) => learnAllowlist(grants, { wildcards: false }).rules;
const learnWildcards = (...grants: readonly ClassicGrant[]) => learnAllowlist(grants, { wildcards: true }).rules;

/** Names that are alike, that are patterns, and that begin or end like an id does not. */
const cacheSecurityGroupName = fc.constantFrom(
  'a',
  'a-1',
  'a-1-2',
  '-a',
  '-',
  '--1',
  `${'x'.repeat(254)}a`,
  `${'x'.repeat(254)}b`,
);
const ec2SecurityGroupName = fc.constantFrom(
  'web',
  'web-1',
  'web-2',
  'web-3',
  'Web',
  '*',
  '?',
  '\\',
  'a*b',
  '-',
  '-1',
  ' ',
  '[a]',
);
const account = fc.constantFrom(OWN, OTHER);
const region = fc.constantFrom('us-east-1', 'eu-west-1');
const arbitraryGrants = fc.array(
  fc.record({
    kind: fc.constant('classic' as const),
    account,
    region,
    target: fc.record({ cacheSecurityGroupName }),
    source: fc.record({ ec2SecurityGroupName, ec2SecurityGroupOwnerId: fc.constantFrom(OWN, OTHER, '444455556666') }),
  }),
  { minLength: 1, maxLength: 14 },
);

/** Every combination of what occurs in the grants, and of strangers. */
function* combinationsOf(grants: readonly ClassicGrant[]): Generator<ClassicGrant> {
  const all = (pick: (one: ClassicGrant) => string, ...strangers: string[]) =>
    new Set([...grants.map(pick), ...strangers]);
  for (const at of all((one) => one.account, STRANGER))
    for (const inRegion of all((one) => one.region, 'ap-south-1'))
      for (const into of all((one) => one.target.cacheSecurityGroupName, 'a', 'stranger'))
        for (const from of all((one) => one.source.ec2SecurityGroupName, 'web-4', 'xweb-1'))
          for (const owner of all((one) => one.source.ec2SecurityGroupOwnerId, STRANGER))
            yield grant(into, from, owner, at, inRegion);
}

describe('a learnt allowlist', () => {
  it('has one rule for a cache security group, and names who there is', () => {
    const rules = learn(
      grant('sessions', 'web'),
      grant('sessions', 'batch'),
      grant('queue', 'web'),
      grant('sessions', 'web'),
    );

    expect(rules).toEqual([
      {
        id: 'queue',
        cacheSecurityGroups: ['queue'],
        ec2SecurityGroups: ['web'],
        ownerIds: ['self'],
        accounts: [OWN],
        regions: ['us-east-1'],
      },
      {
        id: 'sessions',
        cacheSecurityGroups: ['sessions'],
        ec2SecurityGroups: ['batch', 'web'],
        ownerIds: ['self'],
        accounts: [OWN],
        regions: ['us-east-1'],
      },
    ]);
  });

  it('has one rule where every combination is there: names, owners, regions', () => {
    const all = ['web', 'db'].flatMap((name) =>
      [OWN, OTHER].flatMap((owner) =>
        ['us-east-1', 'eu-west-1'].map((where) => grant('sessions', name, owner, OWN, where)),
      ),
    );

    expect(learn(...all)).toMatchObject([
      { ec2SecurityGroups: ['db', 'web'], ownerIds: [OTHER, 'self'], regions: ['eu-west-1', 'us-east-1'] },
    ]);
  });

  it('has two where one would allow what is not there', () => {
    const rules = learn(grant('sessions', 'web', OWN), grant('sessions', 'db', OTHER));

    expect(rules).toMatchObject([
      { id: 'sessions-1', ec2SecurityGroups: ['db'], ownerIds: [OTHER] },
      { id: 'sessions-2', ec2SecurityGroups: ['web'], ownerIds: ['self'] },
    ]);
  });

  it('takes a name that is a pattern for that name alone', () => {
    expect(learn(grant('sessions', 'a*b?\\'))).toMatchObject([{ ec2SecurityGroups: ['a\\*b\\?\\\\'] }]);
  });

  it('is the same, whatever the order of the grants', () => {
    fc.assert(
      fc.property(arbitraryGrants, (grants) => {
        expect(learn(...grants.toReversed())).toEqual(learn(...grants));
      }),
    );
  });

  it('is valid, and allows exactly these grants: each of them, and nothing else of all that could be', () => {
    fc.assert(
      fc.property(arbitraryGrants, (grants) => {
        const learnt = learnAllowlist(grants, { wildcards: false });
        const compiled = new CompiledAllowlist(learnt);
        const given = new Set(grants.map((one) => JSON.stringify(one)));

        expect(parseAllowlist(learnt)).toEqual({ allowlist: learnt });
        for (const one of combinationsOf(grants)) {
          expect(decide(one, compiled, NOW).effect, JSON.stringify(one)).toBe(
            given.has(JSON.stringify(one)) ? 'allow' : 'deny',
          );
        }
      }),
      times(200),
    );
  });

  it('is valid, and allows at least these grants, when wildcards are asked for; and nobody else’s owners, accounts, regions', () => {
    fc.assert(
      fc.property(arbitraryGrants, (grants) => {
        const learnt = learnAllowlist(grants, { wildcards: true });
        const compiled = new CompiledAllowlist(learnt);

        expect(parseAllowlist(learnt)).toEqual({ allowlist: learnt });
        for (const one of grants) expect(decide(one, compiled, NOW).effect).toBe('allow');
        const known = learnAllowlist(
          grants.map((one) => ({ ...one, source: { ...one.source, ec2SecurityGroupName: 'any' } })),
          { wildcards: false },
        );
        const anyName = new CompiledAllowlist({
          ...known,
          rules: known.rules.filter(isClassicRule).map((rule) => ({ ...rule, ec2SecurityGroups: ['*'] })),
        });
        for (const one of combinationsOf(grants)) {
          if (decide(one, compiled, NOW).effect === 'allow') expect(decide(one, anyName, NOW).effect).toBe('allow');
        }
      }),
      times(200),
    );
  });
});

describe('with wildcards, a learnt allowlist', () => {
  const into = (...names: string[]) =>
    learnWildcards(...names.map((name) => grant('sessions', name))).filter(isClassicRule)[0]?.ec2SecurityGroups;

  it('puts one pattern in the place of three names that begin alike up to a hyphen', () => {
    expect(into('web-1', 'web-2', 'web-3', 'db')).toEqual(['db', 'web-*']);
  });

  it('has its names and patterns in one order', () => {
    expect(into('c', 'b-3', 'a', 'b-2', 'b-1')).toEqual(['a', 'b-*', 'c']);
  });

  it('leaves two as they are, and names without a hyphen', () => {
    expect(into('web-1', 'web-2', 'weba', 'webb', 'webc')).toEqual(['web-1', 'web-2', 'weba', 'webb', 'webc']);
  });

  it('takes a star before the hyphen as it is', () => {
    expect(into('*-1', '*-2', '*-3')).toEqual(['\\*-*']);
  });
});

describe('the ids of a learnt allowlist', () => {
  const idsOf = (...grants: readonly ClassicGrant[]) => learn(...grants).map(({ id }) => id);

  it('are not taken twice, also when one cache security group is called as another one’s second rule', () => {
    const ids = idsOf(grant('a', 'web', OWN), grant('a', 'db', OTHER), grant('a-1', 'web'), grant('a-2', 'web'));

    expect(new Set(ids).size).toBe(4);
  });

  it('begin with a letter or digit, also where the cache security group does not', () => {
    expect(idsOf(grant('-a', 'web'))).toEqual(['x-a']);
  });

  it('are short enough, also for the longest names', () => {
    const names = Array.from({ length: 30 }, (_, i) => `${'x'.repeat(250)}${i}`);
    const ids = idsOf(...names.flatMap((name) => [grant(name, 'web', OWN), grant(name, 'db', OTHER)]));

    expect(new Set(ids).size).toBe(60);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/);
  });

  it('are unique without looking through all of them, for many names that begin alike', () => {
    const ids = idsOf(...Array.from({ length: 50_000 }, (_, i) => grant(`${'a'.repeat(200)}${i}`, 'web')));

    expect(new Set(ids).size).toBe(50_000);
    expect(ids.slice(0, 3)).toEqual(['a'.repeat(100), `${'a'.repeat(100)}.2`, `${'a'.repeat(100)}.3`]);
  });
});
