import { describe, expect, test } from 'vitest';
import { askGroupNames } from '../../../src/enforcement/look/group-names.ts';
import { ACCOUNT, STRANGER } from '../../support/examples/grants.ts';
import { OTHER_GROUP, ruleFrom, ruleWith } from '../../support/examples/security-groups.ts';

const own = ruleFrom({ kind: 'securityGroup', securityGroupId: OTHER_GROUP, securityGroupOwnerId: ACCOUNT });
const ofUnknown = ruleFrom({ kind: 'securityGroup', securityGroupId: 'sg-0c' });
const ofStranger = ruleFrom({ kind: 'securityGroup', securityGroupId: 'sg-0d', securityGroupOwnerId: STRANGER });
const range = ruleWith();

/** An EC2 that knows these names. */
function knowing(names: Readonly<Record<string, string>>) {
  const asked: (readonly string[])[] = [];
  return {
    asked,
    async readGroupNames(ids: readonly string[]) {
      asked.push(ids);
      return new Map(Object.entries(names));
    },
  };
}

describe('the names of the security groups that rules allow access from', () => {
  test('are asked for the groups of the account, and for those whose owner is not known, once each', async () => {
    const ec2 = knowing({});

    await askGroupNames([own, ofUnknown, own, range], ec2);

    expect(ec2.asked).toEqual([[OTHER_GROUP, 'sg-0c']]);
  });

  test('are not asked for groups of other accounts: EC2 never names these', async () => {
    const ec2 = knowing({});

    await askGroupNames([ofStranger, own], ec2);

    expect(ec2.asked).toEqual([[OTHER_GROUP]]);
  });

  test.each([
    ['a range', range],
    ['a group of another account', ofStranger],
  ])('cost no call where access is only from %s', async (_, rule) => {
    const ec2 = knowing({});

    const { nameRule } = await askGroupNames([rule], ec2);

    expect(ec2.asked).toEqual([]);
    expect(nameRule(rule)).toBe(rule);
  });

  test('are put into the rules whose groups have one, and change no other rule', async () => {
    const { nameRule, problem } = await askGroupNames([own, ofUnknown, range], knowing({ [OTHER_GROUP]: 'web' }));

    expect(problem).toBeUndefined();
    expect(nameRule(own)).toEqual({ ...own, source: { ...own.source, securityGroupName: 'web' } });
    expect(nameRule(ofUnknown)).toStrictEqual(ofUnknown);
    expect(nameRule(range)).toStrictEqual(range);
  });

  test('are left out where EC2 does not answer, with why', async () => {
    const readGroupNames = () => Promise.reject(new Error('You are not authorized'));

    const { nameRule, problem } = await askGroupNames([own], { readGroupNames });

    expect(nameRule(own)).toBe(own);
    expect(problem).toBe('the names of security groups could not be asked for: You are not authorized');
  });
});
