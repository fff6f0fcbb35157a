import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { SAMPLE_NAMES, sampleEvent } from '../events/sample-events.ts';
import { startCommand } from '../support/commands/run-command.ts';
import { enforcedReport, hostileReport } from '../support/examples/audit-reports.ts';
import { ACCOUNT, strangersGrant, vpcGrant } from '../support/examples/grants.ts';
import { FORGED, hostileJson, hostileText, mutatedJson, mutatedText, TAIL } from '../support/examples/hostile.ts';
import { ALLOWLIST } from '../support/functions/enforce-ingress-function.ts';
import { startGuardedCacheHere } from '../support/local-aws/guarded-cache-here.ts';
import { administratorOf } from '../support/local-aws/local-elasticache.ts';
import { folderWith } from '../support/tools/folder.ts';
import { harmless, times } from '../support/tools/fuzz.ts';

const DECISION = { outcome: 'revoked', grant: strangersGrant, decision: { effect: 'deny', reasons: [] } };
const RULE_DECISION = {
  outcome: 'revoked',
  grant: vpcGrant({ kind: 'cidr', cidr: '10.0.0.0/16' }),
  securityGroupRule: { ipProtocol: 'tcp', fromPort: 6379, toPort: 6379, description: 'of the shop' },
};
const OFFICE = { id: 'b', caches: ['*'], cidrs: ['10.0.0.0/16'], securityGroupIds: ['sg-0a'], ports: [6379] };
const RULES = {
  version: 1,
  rules: [
    { id: 'a', cacheSecurityGroups: ['*'], ec2SecurityGroups: ['web'], ownerIds: ['self'], reason: 'SEC-1' },
    { ...OFFICE, prefixListIds: ['pl-0a'], ownerIds: ['self'] },
  ],
};
const CASES = {
  cases: [
    {
      name: 'web reaches the sessions',
      grant: {
        account: ACCOUNT,
        region: 'us-east-1',
        cacheSecurityGroupName: 'sessions',
        ec2SecurityGroupName: 'web',
        ec2SecurityGroupOwnerId: ACCOUNT,
      },
      expect: 'allow',
      rule: 'web-to-sessions',
      at: '2027-01-31',
    },
    {
      name: 'the office reaches the sessions',
      grant: { account: ACCOUNT, region: 'us-east-1', cacheName: 'sessions', ports: [6379], cidr: '10.0.3.0/24' },
      expect: 'deny',
    },
  ],
};
const REPORTS = [enforcedReport(), hostileReport()].map((report) => JSON.parse(JSON.stringify(report)));
const TOLD = [
  ...SAMPLE_NAMES.map(sampleEvent),
  { Records: [sampleEvent('authorize-ingress').detail] },
  ...[DECISION, RULE_DECISION, { outcome: 'would-revoke', grants: [RULE_DECISION, RULE_DECISION] }],
  ...[
    { outcome: 'failed', error: 'a' },
    { outcome: 'rejected', problems: ['a'] },
    { findings: [], complete: false, notJudged: [{ why: 'a' }] },
  ],
  ...REPORTS,
];

/** An argument, or the name of a file in the folder of the test. */
type Word = string | { readonly file: string };

const inFolder = (...names: readonly string[]) =>
  fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...names, 'hostile', 'hostile', '-').map((file): Word => ({ file })) },
    { weight: 1, arbitrary: fc.constantFrom('missing', '').map((file): Word => ({ file })) },
  );
const mostly = (...values: readonly string[]) =>
  fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...values) }, { weight: 1, arbitrary: hostileText });
const option = (name: string, value?: fc.Arbitrary<Word>): fc.Arbitrary<Word[]> =>
  value === undefined ? fc.constant([name]) : value.map((one) => [name, one]);

const allowlist = option('--allowlist', inFolder('allowlist'));
const format = (...more: readonly string[]) => option('--format', mostly('text', 'json', ...more));
const at = option('--at', mostly('2027-01-31', '2027-01-31T12:00:00Z', '2027-02-30'));
const region = option('--region', mostly('us-east-1', 'eu-west-1', '__proto__'));
const shared = option('--shared', mostly('hold', 'revoke'));
const number = mostly('0', '1', '10', 'unlimited', '-1', '1e3', '99999999999');

/** What each command is asked: its operands, its options, and what stands in the files it reads. */
const COMMANDS: Readonly<
  Record<string, { operands: fc.Arbitrary<Word[]>; options: fc.Arbitrary<Word[]>[]; documents: readonly unknown[] }>
> = {
  check: { operands: fc.array(inFolder('allowlist'), { maxLength: 1 }), options: [format()], documents: [RULES] },
  test: {
    operands: fc.array(inFolder('cases'), { minLength: 1, maxLength: 2 }),
    options: [allowlist, format(), option('--coverage')],
    documents: [CASES],
  },
  explain: {
    operands: fc.oneof(
      fc.array(inFolder('event', 'decision', 'report'), { maxLength: 2 }),
      mostly('sgr-0123456789abcdef0').map((id): Word[] => [id, '--region', 'us-east-1']),
      mostly('10.0.3.7', '::1').map((who): Word[] => ['--cache-name', 'sessions', '--cidr', who]),
      fc
        .tuple(mostly(ACCOUNT), mostly('sessions'), mostly('web'), mostly(ACCOUNT))
        .map(([account, group, ec2, owner]): Word[] => [
          ...['--account', account, '--region', 'us-east-1', '--cache-security-group-name', group],
          ...['--ec2-security-group-name', ec2, '--ec2-security-group-owner-id', owner],
        ]),
      fc
        .tuple(
          mostly('sessions'),
          mostly('6379'),
          fc.constantFrom('--cidr', '--prefix-list-id', '--security-group-id'),
          mostly('10.0.3.0/24', 'pl-0a', 'sg-0a', '::/0'),
          mostly(ACCOUNT),
        )
        .map(([cache, port, how, who, owner]): Word[] => [
          ...['--account', ACCOUNT, '--region', 'us-east-1', '--cache-name', cache, '--port', port],
          ...[how, who, '--security-group-owner-id', owner],
        ]),
    ),
    options: [allowlist, format(), at],
    documents: TOLD,
  },
  replay: {
    operands: fc.array(inFolder('event', 'decision'), { minLength: 1, maxLength: 2 }),
    options: [allowlist, format(), option('--account', mostly(ACCOUNT)), option('--enforce'), option('--yes'), shared],
    documents: TOLD,
  },
  'what-if': {
    operands: fc
      .tuple(inFolder('allowlist'), inFolder('allowlist'), inFolder('event', 'report'))
      .map(([before, after, grants]) => [before, after, '--grants', grants]),
    options: [at, format('markdown')],
    documents: [RULES, ...TOLD],
  },
  audit: {
    operands: fc.constant([]),
    options: [
      ...[allowlist, region, format('csv', 'ocsf', 'html'), option('--mode', mostly('enforce', 'report-only'))],
      ...['--max-revocations', '--requests-per-second', '--timeout'].map((name) => option(name, number)),
      ...['--from-report', '--previous'].map((name) => option(name, inFolder('report'))),
      ...[option('--verify'), shared],
      option(
        '--out',
        fc.constantFrom('out', 'missing/out', '').map((file): Word => ({ file })),
      ),
    ],
    documents: REPORTS,
  },
  learn: {
    operands: fc.array(inFolder('event', 'decision', 'report'), { maxLength: 2 }),
    options: [region, format(), option('--wildcards')],
    documents: TOLD,
  },
  undo: {
    operands: inFolder('decision', 'report').map((file) => [file]),
    options: [allowlist, format()],
    documents: [DECISION, RULE_DECISION, ...REPORTS],
  },
  local: {
    // Any other port could be somebody's.
    operands: fc.constant(['--port', '0']),
    options: [
      ...[allowlist, region, option('--no-enforcer'), option('--no-auth'), option('--vpc-only')],
      ...['--quota', '--speed', '--seed', '--throttle', '--transition-ms'].map((name) => option(name, number)),
      ...['--deny', '--access-key-id', '--account'].map((name) => option(name, mostly(ACCOUNT))),
    ],
    documents: [RULES],
  },
};

const wild = fc.oneof(
  hostileText.map((text): Word[] => [text]),
  hostileText.map((text): Word[] => [`--${text}`]),
  fc.constantFrom('--help', '--version', '--', '--formt', '-x').map((name): Word[] => [name]),
);

/** A file as somebody wrote it, or damaged it. */
const written = (documents: readonly unknown[]) =>
  fc
    .tuple(
      fc.oneof(mutatedJson(documents, fc.oneof(hostileText, hostileJson)), fc.constantFrom(...documents)),
      fc.constantFrom(JSON.stringify, stringify),
    )
    .map(([value, write]) => write(value) ?? '')
    .chain((text) => fc.oneof({ weight: 4, arbitrary: fc.constant(text) }, mutatedText([text], ['\n', '{', '}', '"'])));

const asked = fc.constantFrom(...Object.keys(COMMANDS)).chain((name) => {
  const { operands, options, documents } = COMMANDS[name] as (typeof COMMANDS)[string];
  const words = fc
    .tuple(
      operands,
      fc.array(fc.oneof(...options), { maxLength: 3 }),
      fc.oneof({ weight: 8, arbitrary: fc.constant([]) }, wild),
    )
    .map(([files, chosen, strange]): Word[] => [name, ...files, ...chosen.flat(), ...strange]);
  return fc.record({ words, inFile: written(documents), stdin: written(documents) });
});

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNPRINTABLE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

/** Words of zod, of the reader of JSON, of yaml, commander, Node's file system, zlib and the SDK. */
const OF_LIBRARIES =
  /Invalid input|Unrecognized key|Invalid option|Too (?:big|small)|Unexpected (?:token|end of JSON|non-whitespace)|in JSON at position|Flow (?:map|sequence)|Implicit (?:map )?keys|Map keys must|Missing closing|Plain value|at node end|Nested mappings|^error: |unknown (?:option|command) '|Did you mean|missing required|Allowed choices|\b(?:ENOENT|ENOTDIR|EISDIR|EACCES)\b|incorrect header|Could not load credentials|Region is missing/m;

/** What a person is given. */
function expectReadable(text: string): void {
  expect(text).not.toMatch(UNPRINTABLE);
  expect(text).not.toMatch(new RegExp(`^${FORGED}`, 'm'));
  expect(text).not.toContain(TAIL);
  expect(text).not.toMatch(OF_LIBRARIES);
}

test('whatever is asked, a command ends with one of its exit codes, and says so in readable lines', async () => {
  const account = await startGuardedCacheHere();
  const administrator = administratorOf(account.aws.url);
  await administrator.create();
  await administrator.authorize('web', ACCOUNT);
  await account.letIn('10.0.0.0/16', `a ${FORGED}`);
  const { folder } = await folderWith({
    allowlist: ALLOWLIST,
    event: JSON.stringify(sampleEvent('authorize-ingress')),
    decision: `${JSON.stringify(DECISION)}\n${JSON.stringify(RULE_DECISION)}\n`,
    report: JSON.stringify(enforcedReport()),
    cases: stringify(CASES),
  });
  const hostile = join(folder, 'hostile');
  const environment = fc.record({
    INGRESS_GUARD_ALLOWLIST: fc.constantFrom(...Array(6).fill(join(folder, 'allowlist')), hostile),
    AWS_REGION: fc.oneof({ weight: 30, arbitrary: fc.constantFrom('us-east-1', '') }, hostileText),
    INGRESS_GUARD_SHARED: fc.oneof({ weight: 30, arbitrary: fc.constantFrom('hold', 'revoke', '') }, hostileText),
    INGRESS_GUARD_MODE: fc.oneof({ weight: 30, arbitrary: fc.constantFrom('enforce', 'report-only', '') }, hostileText),
  });
  const seen = new Map<string, Set<number>>();

  await fc.assert(
    fc.asyncProperty(asked, environment, ({ words, inFile, stdin }, variables) =>
      harmless(async () => {
        await writeFile(hostile, inFile);
        const argv = words.map((word) =>
          typeof word === 'string' ? word : word.file === '-' ? '-' : join(folder, word.file),
        );
        const command = startCommand(argv, variables, { stdin });
        if (argv[0] === 'local') command.interrupt();
        const exitCode = await command.exitCode;
        seen.set(argv[0] as string, (seen.get(argv[0] as string) ?? new Set()).add(exitCode));
        expect([0, 1, 2, 3]).toContain(exitCode);
        expect(command.stderr()).not.toContain('\n    at ');
        expectReadable(command.stderr());
        // What programs read escapes in their own ways.
        if (!argv.includes('--format')) expectReadable(command.stdout());
      }),
    ),
    times(500),
  );
  // Half of what is asked reaches no further than the options; the rest must not.
  for (const name of Object.keys(COMMANDS)) expect([...(seen.get(name) ?? [])].length, name).toBeGreaterThan(1);
});
