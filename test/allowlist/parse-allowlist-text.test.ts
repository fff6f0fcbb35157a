import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { AllowlistError } from '../../src/allowlist/loaded-allowlist.ts';
import { parseAllowlistText } from '../../src/allowlist/parse-allowlist-text.ts';
import { decide } from '../../src/policy/decide.ts';
import { thrownBy } from '../support/tools/thrown-by.ts';

const YAML = `# who may reach what
version: 1
rules:
  - id: web-to-sessions
    cacheSecurityGroups: [sessions, sessions-*] # and more
    ec2SecurityGroups: [web, "[a-z]"]
    ownerIds: ["012345678901", self]
    expires: 2027-01-31
`;
const DOCUMENT = {
  version: 1,
  rules: [
    {
      id: 'web-to-sessions',
      cacheSecurityGroups: ['sessions', 'sessions-*'],
      ec2SecurityGroups: ['web', '[a-z]'],
      ownerIds: ['012345678901', 'self'],
      expires: '2027-01-31',
    },
  ],
};

/** What is wrong with a text that is no valid allowlist. */
async function errorOf(text: string): Promise<AllowlistError> {
  const error = thrownBy(() => parseAllowlistText(text, 'allowlist.yaml'));
  if (error instanceof AllowlistError) return error;
  throw new Error('not refused by an AllowlistError', { cause: error });
}

/** Its problems, as `line:column message`. */
const problemsOf = async (text: string) =>
  (await errorOf(text)).problems.map(({ line, column, message }) => `${line}:${column} ${message}`);

describe('the text of an allowlist', () => {
  it.each([
    ['YAML', YAML],
    ['YAML of Windows', YAML.replaceAll('\n', '\r\n')],
    ['YAML with a byte order mark', `\uFEFF${YAML}`],
    ['YAML with tags of its own', YAML.replace('[web,', '!!seq [!!str web,').replace('version: 1', 'version: !!int 1')],
    ['JSON', JSON.stringify(DOCUMENT)],
    ['JSON on many lines', JSON.stringify(DOCUMENT, null, 2)],
  ])('can be %s', async (_, text) => {
    expect(parseAllowlistText(text, 'allowlist').allowlist).toEqual(DOCUMENT);
  });

  it('becomes an allowlist that can be judged by', async () => {
    const { compiled } = parseAllowlistText(YAML, 'allowlist.yaml');
    const grant = {
      kind: 'classic' as const,
      account: '111122223333',
      region: 'us-east-1',
      target: { cacheSecurityGroupName: 'sessions-eu' },
      source: { ec2SecurityGroupName: '[a-z]', ec2SecurityGroupOwnerId: '012345678901' },
    };

    expect(decide(grant, compiled, new Date('2027-01-31T12:00:00Z'))).toEqual({
      effect: 'allow',
      rule: 'web-to-sessions',
    });
  });

  it('tells where in it a rule is', async () => {
    const { locate } = parseAllowlistText(YAML, 'allowlist.yaml');

    expect(locate(['rules', 0, 'expires'])).toEqual({ line: 8, column: 14 });
    expect(locate(['rules', 0, 'regions'])).toEqual({ line: 4, column: 5 });
  });

  it('may be up to 1 MB, and no more', async () => {
    const comment = (bytes: number) => `#${'x'.repeat(bytes - YAML.length - 2)}\n${YAML}`;

    expect(parseAllowlistText(comment(1024 * 1024), 'allowlist.yaml').allowlist).toEqual(DOCUMENT);
    expect((await errorOf(comment(1024 * 1024 + 1))).message).toBe(
      'allowlist.yaml is larger than 1 MB: is this really the allowlist?',
    );
  });

  it('is known by its SHA-256, comments and all', async () => {
    const { sha256 } = parseAllowlistText(YAML, 'allowlist.yaml');

    expect(sha256).toBe(createHash('sha256').update(YAML).digest('hex'));
    expect(parseAllowlistText(`${YAML}#`, 'allowlist.yaml').sha256).not.toBe(sha256);
  });
});

describe('the problems of an allowlist', () => {
  it.each([
    [
      'the wrong version',
      'version: 2\nrules: []',
      ['1:10 version: must be 1, the only version there is, and is the number 2'],
    ],
    ['a missing key', '\nversion: 1\n', ['2:1 rules: must be a list of rules, and is missing']],
    [
      'an unquoted owner id',
      YAML.replace('"012345678901"', '123456789012'),
      ['7:16 rules[0].ownerIds[0]: owner id `123456789012` is a number here: put it in quotes'],
    ],
    [
      'an unknown key',
      `${YAML}    expired: 2027-01-31\n`,
      ['9:5 rules[0]: unknown key `expired`: did you mean `expires`?'],
    ],
    [
      'an empty list',
      YAML.replace('[web, "[a-z]"]', '[]'),
      ['6:24 rules[0].ec2SecurityGroups: is empty: name at least one of the EC2 security groups, or remove it'],
    ],
    [
      'a key without a value',
      YAML.replace(' 2027-01-31', ''),
      ['8:13 rules[0].expires: must be a day, such as 2027-01-31, and is empty'],
    ],
    [
      'an id that is taken',
      `${YAML}${YAML.slice(YAML.indexOf('  - id'))}`,
      ['9:9 rules[1].id: `web-to-sessions` is the id of rules[0] already'],
    ],
    [
      'JSON',
      '{"version": 1,\n "rules": [{"id": "a", "cacheSecurityGroups": ["s"],\n  "ec2SecurityGroups": ["\\\\"], "ownerIds": ["12"]}]}',
      [
        '3:25 rules[0].ec2SecurityGroups[0]: ends in a lone backslash: write `\\\\` for a backslash',
        '3:45 rules[0].ownerIds[0]: `12` is neither 12 digits, nor `self`, nor `*`',
      ],
    ],
    ['an empty file', '', ['1:1 the document: must be an allowlist: a mapping with version and rules, and is empty']],
    [
      'a file with nothing but a comment',
      '# later',
      ['1:1 the document: must be an allowlist: a mapping with version and rules, and is empty'],
    ],
    ['a list', '- 1', ['1:1 the document: must be an allowlist: a mapping with version and rules, and is a list']],
    [
      'a duplicate key in YAML',
      'version: 1\nrules: []\nrules: []',
      ['3:1 key `rules` is there twice: keep one of them'],
    ],
    [
      'a duplicate key in JSON',
      '{"version": 1, "rules": [],\n "rules": []}',
      ['2:2 key `rules` is there twice: keep one of them'],
    ],
    [
      'a duplicate key in a rule',
      YAML.replace('  expires', '  ownerIds: [self]\n    expires'),
      ['8:5 key `ownerIds` is there twice: keep one of them'],
    ],
    ['a list without its end', 'version: 1\nrules: [', ['2:9 the list in [ ] is not closed: add ]']],
    ['a tab', 'version: 1\nrules:\n\t- id: a', ['3:1 a tab: indent with spaces']],
    [
      'two documents',
      'version: 1\nrules: []\n---\nversion: 1\nrules: []',
      ['3:1 a second document begins here: remove it, or put it into a file of its own'],
    ],
    [
      'an alias of nothing',
      'version: 1\nrules:\n  - *shared',
      ['3:5 alias `*shared`: write out what it stands for, or, if it is a name, put it in quotes'],
    ],
    [
      'an owner id that has lost its zero',
      YAML.replace('"012345678901"', '012345678901'),
      [
        '7:16 rules[0].ownerIds[0]: owner id `012345678901` is a number here and has lost its leading zero: put it in quotes',
      ],
    ],
    [
      'a key like no other',
      `whatever: 1\n${YAML}`,
      ['1:1 the document: unknown key `whatever`; known are version, rules'],
    ],
    [
      'an anchor and its alias',
      YAML.replace('[web,', '&ours [web,').replace('["012345678901", self]', '*ours'),
      [
        '6:24 anchor `&ours`: an allowlist has none; if it is part of a name, put the name in quotes',
        '7:15 alias `*ours`: write out what it stands for, or, if it is a name, put it in quotes',
      ],
    ],
    [
      'a name that is a tag',
      YAML.replace('[web,', '[!web,'),
      ['6:25 YAML tag `!web`: remove it; if it is part of a name, put the name in quotes'],
    ],
    ...['!!js/function', '!!python/object/apply:os.system', '!!binary', '!!set', '!!omap'].map(
      (tag): [string, string, string[]] => [
        `a tag that makes another thing of a value: ${tag}`,
        YAML.replace('[web,', `[${tag} web,`),
        [`6:25 YAML tag \`${tag}\`: remove it; if it is part of a name, put the name in quotes`],
      ],
    ),
    [
      'a tag written out in full, of the value of a key',
      YAML.replace('version: 1', 'version: !<tag:yaml.org,2002:js/function> 1'),
      ['2:10 YAML tag `!!js/function`: remove it; if it is part of a name, put the name in quotes'],
    ],
  ])('are told with line and column: %s', async (_, text, problems) => {
    const found = await problemsOf(text);
    expect(found).toEqual(problems);
  });

  it('are told all at once, and the message names the file before each', async () => {
    const { message } = await errorOf('version: 2\nrules:\n  - id: a b\n    typo: 1\n');

    expect(message.split('\n')).toEqual([
      'allowlist.yaml is not a valid allowlist:',
      '  allowlist.yaml:1:10: version: must be 1, the only version there is, and is the number 2',
      '  allowlist.yaml:3:5: rules[0].cacheSecurityGroups: must be a list of cache security groups, and is missing',
      '  allowlist.yaml:3:5: rules[0].ec2SecurityGroups: must be a list of EC2 security groups, and is missing',
      '  allowlist.yaml:3:5: rules[0].ownerIds: must be a list of owner ids, and is missing',
      '  allowlist.yaml:3:9: rules[0].id: `a b` is not up to 128 letters, digits, dots, hyphens and underscores',
      '  allowlist.yaml:4:5: rules[0]: unknown key `typo`; known are id, cacheSecurityGroups, ec2SecurityGroups, ownerIds, accounts, organizationalUnits, regions, expires, reason',
    ]);
  });

  it.each([
    [
      'aliases that multiply',
      `a: &a [1,1,1,1,1,1,1,1,1]\n${[...'bcdefg'].map((key, i) => `${key}: &${key} [${Array(9).fill(`*${'abcdef'[i]}`)}]\n`).join('')}`,
    ],
    ['a list that holds itself', 'version: 1\nrules: &rules [*rules]'],
    ['lists in lists in lists', '['.repeat(100_000)],
    ['keys that reach for a prototype', 'version: 1\nrules: []\n__proto__: {rules: []}\nconstructor: 1'],
    ['keys that are mappings', 'version: 1\nrules: []\n? {a: b}\n: 1'],
  ])('of hostile texts are problems too: %s', async (_, text) => {
    const { message } = await errorOf(text);

    expect(message).toMatch(/^allowlist\.yaml /);
    expect(message.length).toBeLessThan(5_000);
    expect(({} as { rules?: unknown }).rules).toBeUndefined();
  });

  it.each([
    ['keys that nobody knows', (i: number) => `k${i}: 1\n`],
    ['rules that are none', (i: number) => `${i === 0 ? 'version: 1\nrules:\n' : ''}- ${i}\n`],
    ['names that are none', (i: number) => `${i === 0 ? '{version: 1, rules: [{ec2SecurityGroups: [' : ''}1,`],
    ['tags', () => '- !web a\n'],
    ['keys that are there twice', (i: number) => `k${i >> 1}: 1\n`],
  ])('are told, a hundred at most, of 300 KB of %s', async (_, piece) => {
    let text = '';
    for (let i = 0; text.length < 300 * 1024; i++) text += piece(i);
    const whole = text.startsWith('{') ? `${text}]}]}` : text;

    const { problems, message } = await errorOf(whole);

    expect(problems.length).toBeGreaterThan(0);
    expect(problems.length).toBeLessThanOrEqual(101);
    expect(message.length).toBeLessThan(20_000);
  });

  it('echo no control characters and no text at length', async () => {
    const key = `evil\\e[2J${'x'.repeat(500)}`;
    const [problem] = await problemsOf(`version: 1\nrules: []\n"${key}": 1`);

    expect(problem).toBe(`3:1 the document: unknown key \`evil?[2J${'x'.repeat(56)}...\`; known are version, rules`);
    expect(await problemsOf('version: "\\\u001b[2J"')).toEqual([expect.stringMatching(/^[ -~]*$/)]);
  });
});
