import { describe, expect, it } from 'vitest';
import { isPortOrNone, isProtocol, readRuleText, ruleText } from '../../../src/policy/vpc/rule-text.ts';

const SAID = { ipProtocol: 'tcp', fromPort: 6379, toPort: 6380, description: 'of the shop' };

describe('what somebody wrote that a rule says', () => {
  it.each([
    ['all of it', SAID],
    ['a protocol alone', { ipProtocol: '-1' }],
    ['a protocol without ports, as EC2 says it', { ipProtocol: '58', fromPort: -1, toPort: -1 }],
    ['the first and the last port', { ipProtocol: 'udp', fromPort: 0, toPort: 65_535 }],
    ['no description', { ...SAID, description: '' }],
    ['the longest description', { ...SAID, description: 'd'.repeat(255) }],
  ])('is read as it is: %s', (_, written) => {
    expect(readRuleText(written)).toEqual(written);
  });

  it('is read without what is said beside it', () => {
    expect(readRuleText({ ...SAID, decision: 'allow' })).toEqual(SAID);
  });

  it.each([
    ['is no object', 'tcp'],
    ['is null', null],
    ['is not there', undefined],
    ['has no protocol', { ...SAID, ipProtocol: undefined }],
    ['has a number for a protocol', { ...SAID, ipProtocol: 6 }],
    ['has no text for a protocol', { ...SAID, ipProtocol: ['tcp'] }],
    ['has an odd protocol', { ...SAID, ipProtocol: 't cp' }],
    ['has a port below -1', { ...SAID, fromPort: -2 }],
    ['has a port that is too large', { ...SAID, toPort: 65_536 }],
    ['has half a port', { ...SAID, toPort: 6379.5 }],
    ['has a port as a text', { ...SAID, fromPort: '6379' }],
    ['has a port that is null', { ...SAID, toPort: null }],
    ['has a description that is no text', { ...SAID, description: 5 }],
    ['has a description longer than EC2 takes', { ...SAID, description: 'd'.repeat(256) }],
    ['has a list for a description', { ...SAID, description: ['d'] }],
  ])('is not read if it %s: a rule is restored as it was, or not at all', (_, written) => {
    expect(readRuleText(written)).toBeUndefined();
  });

  it('has no member for what is not said', () => {
    expect(Object.keys(ruleText({ ipProtocol: '-1', fromPort: undefined, toPort: undefined }))).toEqual(['ipProtocol']);
    expect(Object.keys(ruleText(SAID))).toEqual(Object.keys(SAID));
  });
});

describe('a protocol', () => {
  it.each(['tcp', 'TCP', '6', '-1', 'a'.repeat(16)])('can be %s', (text) => {
    expect(isProtocol(text)).toBe(true);
  });

  it.each(['', ' tcp', 'tcp ', '-2', 'tcp\n', 'a'.repeat(17), 'x-1'])('cannot be %j', (text) => {
    expect(isProtocol(text)).toBe(false);
  });
});

describe('a port, or none', () => {
  it.each([undefined, -1, 0, 65_535])('can be %s', (value) => {
    expect(isPortOrNone(value)).toBe(true);
  });

  it.each([null, -2, 65_536, 0.5, Number.NaN, '6379'])('cannot be %s', (value) => {
    expect(isPortOrNone(value)).toBe(false);
  });
});
