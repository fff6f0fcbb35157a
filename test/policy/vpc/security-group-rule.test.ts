import { describe, expect, test } from 'vitest';
import { grantsOf, opensOnlyPortsOf, remarkOn } from '../../../src/policy/vpc/security-group-rule.ts';
import { ruleWith } from '../../support/examples/security-groups.ts';

const caches = [
  { cacheName: 'sessions', ports: [6379, 6380] },
  { cacheName: 'carts', ports: [11211] },
];

const reached = (changes: object) =>
  grantsOf(ruleWith(changes), caches).map(({ target }) => `${target.cacheName}:${target.ports.join()}`);

describe('a rule of a security group', () => {
  test.each([
    ['one port', { fromPort: 6379, toPort: 6379 }, ['sessions:6379']],
    ['a range that holds ports of one cache', { fromPort: 6000, toPort: 7000 }, ['sessions:6379,6380']],
    ['a range that ends at a port', { fromPort: 6380, toPort: 11211 }, ['sessions:6380', 'carts:11211']],
    ['a range beside the ports', { fromPort: 6381, toPort: 11210 }, []],
    ['all TCP ports', { fromPort: 0, toPort: 65535 }, ['sessions:6379,6380', 'carts:11211']],
    ['TCP by its number', { ipProtocol: '6' }, ['sessions:6379']],
    ['TCP in capitals', { ipProtocol: 'TCP' }, ['sessions:6379']],
    ['everything', { ipProtocol: '-1', fromPort: -1, toPort: -1 }, ['sessions:6379,6380', 'carts:11211']],
    [
      'everything, whatever ports it names',
      { ipProtocol: '-1', fromPort: 22, toPort: 22 },
      ['sessions:6379,6380', 'carts:11211'],
    ],
    ['UDP', { ipProtocol: 'udp' }, []],
    ['UDP by its number', { ipProtocol: '17' }, []],
    ['ICMP', { ipProtocol: 'icmp', fromPort: -1, toPort: -1 }, []],
    ['ICMP for IPv6', { ipProtocol: 'icmpv6', fromPort: -1, toPort: -1 }, []],
    ['another protocol', { ipProtocol: '50' }, []],
  ])('that opens %s makes a grant for each cache that listens there', (_, changes, expected) => {
    expect(reached(changes)).toEqual(expected);
  });

  test('of TCP that names no ports is taken for what it would be at worst', () => {
    const { fromPort, toPort, ...without } = ruleWith();

    expect(grantsOf(without, caches)).toHaveLength(2);
    expect(opensOnlyPortsOf(without, caches)).toBe(false);
  });

  test.each(['fromPort', 'toPort'] as const)('of TCP that names no %s is taken for all ports', (missing) => {
    const { [missing]: _, ...without } = ruleWith();

    expect(grantsOf(without, caches)).toHaveLength(2);
    expect(grantsOf(ruleWith({ [missing]: -1 }), caches)).toHaveLength(2);
    expect(opensOnlyPortsOf(without, caches)).toBe(false);
  });

  test('of TCP that begins or ends at port 1 is no rule for all ports', () => {
    expect(reached({ fromPort: 1, toPort: 1 })).toEqual([]);
    expect(reached({ fromPort: 1, toPort: 6379 })).toEqual(['sessions:6379']);
  });

  test('opens more than the ports of caches if its last one is none, though there are as many ports of caches', () => {
    const apart = [{ cacheName: 'sessions', ports: [6379, 6381] }];

    expect(opensOnlyPortsOf(ruleWith({ fromPort: 6379, toPort: 6380 }), apart)).toBe(false);
    expect(opensOnlyPortsOf(ruleWith({ fromPort: 6380, toPort: 6381 }), apart)).toBe(false);
  });

  test('makes no grant for a cache that listens on no port', () => {
    expect(grantsOf(ruleWith({ ipProtocol: '-1' }), [{ cacheName: 'new', ports: [] }])).toEqual([]);
  });

  test.each([
    [{ fromPort: 6379, toPort: 6380 }, true],
    [{ fromPort: 11211, toPort: 11211 }, true],
    [{ fromPort: 6378, toPort: 6379 }, false],
    [{ fromPort: 6379, toPort: 11211 }, false],
    [{ ipProtocol: '-1' }, false],
  ])('with %j opens only ports of caches: %s', (changes, expected) => {
    expect(opensOnlyPortsOf(ruleWith(changes), caches)).toBe(expected);
    expect(remarkOn(ruleWith(changes), caches) === undefined).toBe(expected);
  });

  test('that opens more is remarked on', () => {
    expect(remarkOn(ruleWith({ fromPort: 6000, toPort: 7000 }), caches)).toBe(
      'the rule opens ports 6000 to 7000, and the caches behind it listen on 6379, 6380, 11211',
    );
    expect(remarkOn(ruleWith({ fromPort: 6000, toPort: 7000 }), caches.toReversed())).toBe(
      'the rule opens ports 6000 to 7000, and the caches behind it listen on 6379, 6380, 11211',
    );
    expect(remarkOn(ruleWith({ ipProtocol: '-1' }), [{ cacheName: 'a', ports: [6379] }])).toBe(
      'the rule opens all ports of all protocols, and the caches behind it listen on 6379',
    );
  });
});
