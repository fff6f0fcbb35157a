import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readClassicGrant } from '../../src/policy/classic/grant.ts';
import { describeGrant, type Grant } from '../../src/policy/grant.ts';
import { printable, quote } from '../../src/policy/quote.ts';
import { isRegion, normalizeOwnerId } from '../../src/policy/written.ts';
import { times } from '../support/tools/fuzz.ts';

const WRITTEN = {
  account: '111122223333',
  region: 'us-east-1',
  cacheSecurityGroupName: 'sessions',
  ec2SecurityGroupName: 'web',
  ec2SecurityGroupOwnerId: '444455556666',
};
type Part = keyof typeof WRITTEN;
const PARTS = Object.keys(WRITTEN) as Part[];

const read = (changes: Partial<Record<Part, unknown>>) => readClassicGrant({ ...WRITTEN, ...changes });
const KELVIN_SIGN = '\u212A';

describe('a grant', () => {
  it('is read from its five values', () => {
    expect(read({})).toEqual({
      grant: {
        kind: 'classic',
        account: '111122223333',
        region: 'us-east-1',
        target: { cacheSecurityGroupName: 'sessions' },
        source: { ec2SecurityGroupName: 'web', ec2SecurityGroupOwnerId: '444455556666' },
      },
    });
  });

  it('has its cache security group in lower case', () => {
    expect(read({ cacheSecurityGroupName: 'Sessions-EU' }).grant?.target.cacheSecurityGroupName).toBe('sessions-eu');
  });

  it.each(['Web', 'web tier', ' web ', '[a-z]', '{a,b}', '!web', '*', 'web-*', 'a\\b', '~', '"<b>"', 'x'.repeat(255)])(
    'has its EC2 security group exactly as it is: %j',
    (name) => {
      expect(read({ ec2SecurityGroupName: name }).grant?.source.ec2SecurityGroupName).toBe(name);
    },
  );

  it.each([
    ['4444-5555-6666', '444455556666'],
    ['0000-0000-0001', '000000000001'],
    ['012345678901', '012345678901'],
    ['-444455556666-', '444455556666'],
  ])('has an owner id without hyphens and with its leading zeros: %s is %s', (written, ownerId) => {
    expect(read({ ec2SecurityGroupOwnerId: written }).grant?.source.ec2SecurityGroupOwnerId).toBe(ownerId);
    expect(normalizeOwnerId(written)).toBe(ownerId);
  });

  it.each(['us-east-1', 'eu-central-2', 'us-gov-west-1', 'us-iso-east-1', 'eusc-de-east-1', 'ap-southeast-10'])(
    'can be in region %s',
    (region) => {
      expect(read({ region }).grant?.region).toBe(region);
      expect(isRegion(region)).toBe(true);
    },
  );

  it.each<[Part, unknown]>([
    ['account', '11112222333'],
    ['account', '1111222233334'],
    ['account', '1111-2222-3333'],
    ['account', ' 111122223333'],
    ['account', '111122223333\n'],
    ['account', '١١١١٢٢٢٢٣٣٣٣'],
    ['account', 111122223333],
    ['region', 'US-EAST-1'],
    ['region', 'us-east-1.evil.example'],
    ['region', 'us-east-1/'],
    ['region', 'evil.example/us-east-1'],
    ['region', 'us-east-1\n'],
    ['region', 'global'],
    ['region', ''],
    ['region', ['us-east-1']],
    ['cacheSecurityGroupName', ''],
    ['cacheSecurityGroupName', ' sessions'],
    ['cacheSecurityGroupName', 'sessions\n'],
    ['cacheSecurityGroupName', 'ses_sions'],
    ['cacheSecurityGroupName', 'sessions-*'],
    ['cacheSecurityGroupName', KELVIN_SIGN],
    ['cacheSecurityGroupName', 'x'.repeat(256)],
    ['cacheSecurityGroupName', { name: 'sessions' }],
    ['ec2SecurityGroupName', ''],
    ['ec2SecurityGroupName', 'web\n'],
    ['ec2SecurityGroupName', 'web\t'],
    ['ec2SecurityGroupName', 'we\u0000b'],
    ['ec2SecurityGroupName', `${KELVIN_SIGN}ey`],
    ['ec2SecurityGroupName', 'wéb'],
    ['ec2SecurityGroupName', 'x'.repeat(256)],
    ['ec2SecurityGroupName', true],
    ['ec2SecurityGroupOwnerId', 444455556666],
    ['ec2SecurityGroupOwnerId', '44445555666'],
    ['ec2SecurityGroupOwnerId', '4444 5555 6666'],
    ['ec2SecurityGroupOwnerId', '444455556666 '],
    ['ec2SecurityGroupOwnerId', '4444–5555–6666'],
    ['ec2SecurityGroupOwnerId', 'self'],
    ['ec2SecurityGroupOwnerId', '*'],
    ['ec2SecurityGroupOwnerId', `444455556666${'-'.repeat(1_000)}`],
  ])('is not read when its %s is %j', (part, value) => {
    const { grant, problems } = read({ [part]: value });

    expect(grant).toBeUndefined();
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^${part} .* is not `))]);
  });

  it.each(PARTS)('is not read when CloudTrail hid its %s', (part) => {
    expect(read({ [part]: 'HIDDEN_DUE_TO_SECURITY_REASONS' })).toEqual({
      problems: [`${part} is hidden by CloudTrail`],
    });
  });

  it.each(PARTS)('is not read without its %s', (part) => {
    expect(read({ [part]: undefined })).toEqual({ problems: [`${part} is missing`] });
    expect(read({ [part]: null })).toEqual({ problems: [`${part} is missing`] });
  });

  it('tells every problem at once', () => {
    const { problems } = read({
      account: '1',
      region: null,
      cacheSecurityGroupName: '_',
      ec2SecurityGroupName: '',
      ec2SecurityGroupOwnerId: 5,
    });

    expect(problems).toEqual([
      'account `1` is not 12 digits',
      'region is missing',
      'cacheSecurityGroupName `_` is not up to 255 letters, digits and hyphens',
      'ec2SecurityGroupName `` is not up to 255 ASCII characters',
      'ec2SecurityGroupOwnerId (a number) is not 12 digits',
    ]);
  });

  it('is one or has problems, in short and printable sentences, whatever was written', () => {
    const value = fc.oneof(
      fc.anything(),
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.constantFrom(...Object.values(WRITTEN)),
    );
    const written = fc.record({
      account: value,
      region: value,
      cacheSecurityGroupName: value,
      ec2SecurityGroupName: value,
      ec2SecurityGroupOwnerId: value,
    });
    fc.assert(
      fc.property(written, (values) => {
        const { grant, problems } = readClassicGrant(values);
        expect(grant === undefined).toBe(problems !== undefined);
        for (const problem of problems ?? []) expect(problem).toMatch(/^[ -~]{1,200}$/);
      }),
      times(100),
    );
  });
});

describe('a quoted value', () => {
  it.each([
    ['web', '`web`'],
    ['x'.repeat(65), `\`${'x'.repeat(64)}...\``],
    ['x'.repeat(64), `\`${'x'.repeat(64)}\``],
    ['a\nb\u001b[31m\u0000', '`a?b?[31m?`'],
    ['a`b', '`a?b`'],
    ['\u202Eevil\u200B', '`?evil?`'],
    [KELVIN_SIGN, '`?`'],
    [undefined, '(undefined)'],
    [null, '(null)'],
    [5, '(a number)'],
    [['web'], '(an object)'],
    [Symbol('x'), '(a symbol)'],
  ])('%s is shown as %s', (value, shown) => {
    expect(quote(value)).toBe(shown);
  });

  it('is cut where it is told to be', () => {
    expect(printable('abcdef', 3)).toBe('abc...');
    expect(printable('abc', 3)).toBe('abc');
  });
});

describe('the name of a region', () => {
  it.each(['', 'global', 'US-EAST-1', 'us-east-1.evil.example', 'evil.example/us-east-1', 'us-east-1\n'])(
    'is not %j: nothing that would lead a host name elsewhere',
    (text) => {
      expect(isRegion(text)).toBe(false);
    },
  );
});

describe('a grant, described', () => {
  const grantOf = (changes: Partial<Record<Part, unknown>>) => read(changes).grant as Grant;

  it('says on one line who may reach what, and where', () => {
    expect(describeGrant(grantOf({}))).toBe('sessions <- web of 444455556666 (111122223333, us-east-1)');
  });

  it('is cut where its names are very long', () => {
    const described = describeGrant(
      grantOf({ cacheSecurityGroupName: 'c'.repeat(255), ec2SecurityGroupName: 'x'.repeat(255) }),
    );

    expect(described).toBe(`${'c'.repeat(255)} <- ${'x'.repeat(141)}...`);
  });
});
