import { describe, expect, test } from 'vitest';
import { isGroupName, isPort, isPrefixListId, isRuleId, isSecurityGroupId } from '../../../src/policy/vpc/names.ts';

describe('an id', () => {
  const KINDS = [
    ['sg-', isSecurityGroupId],
    ['sgr-', isRuleId],
    ['pl-', isPrefixListId],
  ] as const;

  test.each(KINDS)(
    'that begins with %s is known by that, and by nothing but small letters and digits after it',
    (prefix, isId) => {
      for (const rest of ['0a', '0123456789abcdef0', 'x'.repeat(64)]) expect(isId(`${prefix}${rest}`)).toBe(true);
      for (const rest of ['', '0A', '0a\n', '0a ', '0a/b', '*', 'x'.repeat(65)])
        expect(isId(`${prefix}${rest}`)).toBe(false);
      for (const other of ['xx-0a', `x${prefix}0a`, ` ${prefix}0a`, `0a${prefix}`]) expect(isId(other)).toBe(false);
    },
  );

  test.each(KINDS)('that begins with %s is no id of another kind', (prefix, isId) => {
    const kinds = KINDS.filter(([, is]) => is(`${prefix}0a`)).map(([, is]) => is);

    expect(kinds).toEqual([isId]);
  });
});

test.each<[unknown, boolean]>([
  [1, true],
  [65_535, true],
  [0, false],
  [65_536, false],
  [6379.5, false],
  ['6379', false],
  [Number.NaN, false],
])('%s is a port that something can listen on: %s', (value, expected) => {
  expect(isPort(value)).toBe(expected);
});

test.each<[string, unknown, boolean]>([
  ['one character', 'a', true],
  ['255 characters', 'x'.repeat(255), true],
  ['spaces, wildcards and another script', ' * caché [東京]', true],
  ['no character', '', false],
  ['256 characters', 'x'.repeat(256), false],
  ['a list of one text', ['web'], false],
  ['a number', 5, false],
  ['nothing', undefined, false],
])('%s can be the name of a security group: %j, %s', (_, value, expected) => {
  expect(isGroupName(value)).toBe(expected);
});
