import { describe, expect, test } from 'vitest';
import { compileEventPattern } from '../../src/local/event-pattern.ts';
import { readStack } from '../../src/local/stack.ts';
import { sampleEvent } from '../events/sample-events.ts';
import { recordingFunction, startAws } from '../support/local-aws/local-aws.ts';

const EVENT = {
  source: 'aws.elasticache',
  resources: ['arn:one', 'arn:two'],
  detail: {
    eventName: 'Authorize',
    errorCode: null,
    count: 3,
    flag: true,
    items: [{ id: 'a' }, { id: 'b' }],
    empty: '',
  },
};

function detail(pattern: object): object {
  return { detail: pattern };
}

describe('an event pattern', () => {
  test.each([
    ['one of several values', { source: ['aws.ec2', 'aws.elasticache'] }],
    ['several keys', { source: ['aws.elasticache'], detail: { eventName: ['Authorize'] } }],
    ['nothing asked for', {}],
    ['a member of a list in the event', { resources: ['arn:two'] }],
    ['null', detail({ errorCode: [null] })],
    ['a number', detail({ count: [3] })],
    ['true', detail({ flag: [true] })],
    ['the empty text', detail({ empty: [''] })],
    ['a member of an object in a list', detail({ items: { id: ['b'] } })],
    ['exists, of what is there', detail({ eventName: [{ exists: true }] })],
    ['exists, of null', detail({ errorCode: [{ exists: true }] })],
    ['exists not, of what is not there', detail({ missing: [{ exists: false }] })],
    ['exists not, inside of what is not there', detail({ missing: { deeper: [{ exists: false }] } })],
    ['a prefix', { source: [{ prefix: 'aws.' }] }],
    ['a number within bounds', detail({ count: [{ numeric: ['>', 2, '<=', 3] }] })],
    ['a number by equality', detail({ count: [{ numeric: ['=', 3] }] })],
    ['one of several patterns', { $or: [{ source: ['aws.ec2'] }, { source: ['aws.elasticache'] }] }],
    ['one of several patterns, deeper', detail({ $or: [{ count: [4] }, { flag: [true] }] })],
    ['the empty prefix', { source: [{ prefix: '' }] }],
    ['a prefix of a member of a list', { resources: [{ prefix: 'arn:t' }] }],
    ['a suffix', { source: [{ suffix: '.elasticache' }] }],
    ['equality but for case', detail({ eventName: [{ 'equals-ignore-case': 'AUTHORIZE' }] })],
    ['a wildcard', { source: [{ wildcard: 'aws.*' }] }],
    ['a wildcard in the middle', { source: [{ wildcard: 'a*.elasti*' }] }],
    ['a wildcard for nothing', { source: [{ wildcard: '*aws.elasticache*' }] }],
    ['anything but a value', detail({ eventName: [{ 'anything-but': 'Revoke' }] })],
    ['anything but some values', detail({ eventName: [{ 'anything-but': ['Revoke', 'Create'] }] })],
    ['anything but a prefix', detail({ eventName: [{ 'anything-but': { prefix: 'Rev' } }] })],
    ['anything but a number', detail({ count: [{ 'anything-but': 4 }] })],
    ['one comparison of several', detail({ eventName: [{ prefix: 'Revoke' }, { suffix: 'ize' }] })],
  ])('fits: %s', (_, pattern) => {
    expect(compileEventPattern(pattern)(EVENT)).toBe(true);
  });

  test.each([
    ['another value', { source: ['aws.ec2'] }],
    ['one key of two', { source: ['aws.elasticache'], detail: { eventName: ['Revoke'] } }],
    ['another case', { source: ['AWS.ElastiCache'] }],
    ['the beginning of a value', { source: ['aws.'] }],
    ['a key that is not there', { region: ['us-east-1'] }],
    ['null for what is not there', detail({ missing: [null] })],
    ['a text for a number', detail({ count: ['3'] })],
    ['a text for true', detail({ flag: ['true'] })],
    ['no member of a list', { resources: ['arn:three'] }],
    ['no member of an object in a list', detail({ items: { id: ['c'] } })],
    ['inside of what is no object', { source: { deeper: ['x'] } }],
    ['what every object has from its prototype', { constructor: [{ exists: true }] }],
    ['exists, of what is not there', detail({ missing: [{ exists: true }] })],
    ['exists not, of what is there', detail({ eventName: [{ exists: false }] })],
    ['another prefix', { source: [{ prefix: 'ws.' }] }],
    ['a prefix of a number', detail({ count: [{ prefix: '3' }] })],
    ['another suffix', { source: [{ suffix: '.elasti' }] }],
    ['a wildcard, and more than it takes', { source: [{ wildcard: '*.elasti' }] }],
    ['a wildcard, and what is like a regular expression', { source: [{ wildcard: 'a.s*|.*' }] }],
    ['anything but just this', detail({ eventName: [{ 'anything-but': 'Authorize' }] })],
    ['anything but some, this among them', detail({ eventName: [{ 'anything-but': ['Revoke', 'Authorize'] }] })],
    ['anything but its prefix', detail({ eventName: [{ 'anything-but': { prefix: 'Auth' } }] })],
    ['anything but a value, of what is not there', detail({ missing: [{ 'anything-but': 'x' }] })],
    ['a number out of bounds', detail({ count: [{ numeric: ['>', 3] }] })],
    ['a text for a number within bounds', detail({ flag: [{ numeric: ['>=', 0] }] })],
    ['none of several patterns', { $or: [{ source: ['aws.ec2'] }, { region: ['us-east-1'] }] }],
    ['an empty list', { source: [] }],
  ])('does not fit: %s', (_, pattern) => {
    expect(compileEventPattern(pattern)(EVENT)).toBe(false);
  });

  test.each([[undefined], [null], ['text'], [42], [[]]])('does not fit what is no event: %j', (event) => {
    expect(compileEventPattern({ source: ['aws.elasticache'] })(event)).toBe(false);
  });

  test.each([
    ['numbers compared by what is no sign', { count: [{ numeric: ['>>', 0] }] }, '>>'],
    ['numbers compared to a text', { count: [{ numeric: ['>', '0'] }] }, 'numbers'],
    ['numbers without a bound', { count: [{ numeric: ['>'] }] }, 'numbers'],
    ['a wildcard with an escape', { source: [{ wildcard: 'aws.\\*' }] }, 'wildcard'],
    ['a wildcard without a text', { source: [{ wildcard: 1 }] }, 'wildcard'],
    ['cidr', { ip: [{ cidr: '10.0.0.0/8' }] }, 'cidr'],
    ['$or of what is not known', { $or: [{ ip: [{ cidr: '10.0.0.0/8' }] }] }, 'cidr'],
    ['a prefix that ignores case', { source: [{ prefix: { 'equals-ignore-case': 'AWS' } }] }, 'prefix'],
    ['exists of a text', { source: [{ exists: 'true' }] }, 'exists'],
    ['what every object has from its prototype', { source: [{ toString: 'a' }] }, 'toString'],
    ['an empty comparison', { source: [{}] }, 'event pattern'],
    ['two comparisons in one', { source: [{ prefix: 'a', suffix: 'b' }] }, 'two ways'],
    ['a value without a list', { source: 'aws.elasticache' }, 'source'],
    ['null without a list', { detail: { errorCode: null } }, 'errorCode'],
    ['another comparison after anything-but', { ip: [{ 'anything-but': { cidr: '10.0.0.0/8' } }] }, 'cidr'],
  ])('is refused when it uses what is not known here: %s', (_, pattern, named) => {
    expect(() => compileEventPattern(pattern)).toThrow(named);
  });

  test('is refused when the function is deployed, not when the first event comes', async () => {
    const { aws } = await startAws();
    const target = recordingFunction({ eventPatterns: [{ ip: [{ cidr: '10.0.0.0/8' }] }] });

    expect(() => aws.deploy([target])).toThrow('cidr');
  });
});

describe('the event pattern in serverless.yml', () => {
  test.each([
    ['authorize-ingress', true],
    ['authorize-ingress-from-console', true],
    ['authorize-ingress-by-cloudformation', true],
    ['authorize-ingress-failed', false],
    ['authorize-ingress-access-denied', false],
    ['revoke-ingress', false],
  ] as const)('%s: fits is %o', async (name, fits) => {
    const stack = await readStack('serverless.yml');
    const patterns = stack.find(({ handler }) => handler.includes('enforce-ingress'))?.eventPatterns ?? [];

    expect(patterns.some((pattern) => compileEventPattern(pattern)(sampleEvent(name)))).toBe(fits);
  });
});
