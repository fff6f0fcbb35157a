import { describe, expect, test } from 'vitest';
import {
  type CacheSource,
  describeNamedSource,
  describeSource,
  type PrefixListSource,
  shortenSource,
} from '../../../src/policy/vpc/source.ts';
import { STRANGER } from '../../support/examples/grants.ts';

const NAMED: CacheSource = {
  kind: 'securityGroup',
  securityGroupId: 'sg-0a',
  securityGroupName: 'web',
  securityGroupOwnerId: STRANGER,
};
const { securityGroupName: _name, ...UNNAMED } = NAMED;
const { securityGroupOwnerId: _owner, ...UNOWNED } = NAMED;

describe('who reaches a cache', () => {
  test.each<[CacheSource, string, string]>([
    [{ kind: 'cidr', cidr: '10.0.0.0/16' }, '10.0.0.0/16', '10.0.0.0/16'],
    [{ kind: 'prefixList', prefixListId: 'pl-0f', entries: ['10.0.0.0/16'] }, 'pl-0f', 'pl-0f'],
    [{ kind: 'internet' }, 'anyone on the internet', 'anyone on the internet'],
    [UNNAMED, `sg-0a of ${STRANGER}`, `sg-0a of ${STRANGER}`],
    [NAMED, `sg-0a of ${STRANGER}`, `sg-0a (web) of ${STRANGER}`],
    [UNOWNED, 'sg-0a of an unknown owner', 'sg-0a (web) of an unknown owner'],
  ])('is said in a few words, with and without the name of a security group: %j', (source, words, withName) => {
    expect(describeSource(source)).toBe(words);
    expect(describeNamedSource(source)).toBe(withName);
  });
});

test('an entry for nearly everybody is in the finding on a long prefix list once, also if it is among the first', () => {
  const others = Array.from({ length: 30 }, (_, i) => `10.0.${i}.0/24`);
  const [first = '', ...rest] = others;
  const source: PrefixListSource = {
    kind: 'prefixList',
    prefixListId: 'pl-0f',
    entries: [first, '0.0.0.0/0', ...rest],
  };

  expect(shortenSource(source)).toEqual({
    ...source,
    entries: ['0.0.0.0/0', ...others.slice(0, 19)],
    entryCount: 31,
  });
});
