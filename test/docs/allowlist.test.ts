import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { AllowlistError } from '../../src/allowlist/loaded-allowlist.ts';
import { parseAllowlistText } from '../../src/allowlist/parse-allowlist-text.ts';
import { findWarnings } from '../../src/policy/allowlist-warnings.ts';
import { readClassicGrant } from '../../src/policy/classic/grant.ts';
import { decide } from '../../src/policy/decide.ts';
import { parseNamePattern } from '../../src/policy/name-pattern.ts';
import { KNOWN_KEYS } from '../../src/policy/parse-allowlist.ts';
import { readVpcAccess } from '../../src/policy/vpc/read-grant.ts';
import { sampleEvent, withChanges } from '../events/sample-events.ts';
import { runCli } from '../support/commands/run-cli.ts';
import { folderWith } from '../support/tools/folder.ts';
import { blocksOf, codesIn, tableUnder } from '../support/tools/markdown.ts';
import { thrownBy } from '../support/tools/thrown-by.ts';

const DOCUMENT = readFileSync('docs/reference/allowlist.md', 'utf8');
const COMMANDS = readFileSync('docs/reference/commands.md', 'utf8');
const BLOCKS = [DOCUMENT, COMMANDS].flatMap(blocksOf);
const FILES = Object.fromEntries(BLOCKS.filter(({ name }) => name !== '').map(({ name, text }) => [name, text]));
/** What the page says that the day is. */
const TODAY = '2026-12-01';

const problemsOf = async (text: string): Promise<string[]> => {
  const error = thrownBy(() => parseAllowlistText(text, 'allowlist.yaml'));
  return error instanceof AllowlistError ? error.problems.map(({ message }) => message) : [];
};

/** A rule that is right, but for what is written: keys of it, in YAML. */
function ruleWith(id: string, written: string): string {
  return withKeys({ id, cacheSecurityGroups: '[queue]', ec2SecurityGroups: '[batch]', ownerIds: '[self]' }, written);
}

/** The same, about caches. */
function cacheRuleWith(id: string, written: string): string {
  return withKeys(
    { id, caches: '[queue]', ...(/securityGroupIds: \[sg-0a\]/.test(written) ? {} : { cidrs: '[192.0.2.0/24]' }) },
    written,
  );
}

function withKeys(keys: Readonly<Record<string, string>>, written: string): string {
  const lines = written.startsWith('{') ? written.slice(1, -1).split(/, (?=\w+:)/) : [written];
  const named = lines.map((line) => line.slice(0, line.indexOf(':')));
  const rest = Object.entries(keys).flatMap(([key, value]) => (named.includes(key) ? [] : [`${key}: ${value}`]));
  return `  - ${[...rest, ...lines].join('\n    ')}\n`;
}

describe('the keys on the page', () => {
  test('are all that there are', () => {
    const namesOf = (nth: number) => tableUnder(DOCUMENT, '## Keys', nth).map(([key]) => codesIn(key as string)[0]);

    expect(namesOf(0)).toEqual(KNOWN_KEYS.document);
    expect(namesOf(1)).toEqual(KNOWN_KEYS.vpcRule);
    expect(namesOf(2)).toEqual(KNOWN_KEYS.classicRule);
  });
});

describe('a name on the page', () => {
  test.each(tableUnder(DOCUMENT, '### Names'))(
    'is matched as it says: %s matches %s, not %s',
    (entry, matches, others) => {
      const pattern = parseNamePattern(codesIn(entry)[0] as string);
      const covers = (name: string) => (typeof pattern === 'string' ? pattern === name : pattern.matches(name));

      expect(codesIn(matches).length).toBeGreaterThan(0);
      for (const name of codesIn(matches)) expect(covers(name), name).toBe(true);
      for (const name of codesIn(others)) expect(covers(name), name).toBe(false);
    },
  );
});

describe('a decision on the page', () => {
  test.each(tableUnder(DOCUMENT, '## Decisions by example', 1))(
    'is as it says: %s <- %s of %s %s',
    async (into, from, owner, where, decision) => {
      const { compiled } = parseAllowlistText(FILES['allowlist.yaml'] as string, 'allowlist.yaml');
      const { grant } = readClassicGrant({
        account: /in account `(\d+)`/.exec(where)?.[1] ?? '123456789012',
        region: /in region `([\w-]+)`/.exec(where)?.[1] ?? 'us-east-1',
        cacheSecurityGroupName: codesIn(into)[0],
        ec2SecurityGroupName: codesIn(from)[0],
        ec2SecurityGroupOwnerId: codesIn(owner)[0],
      });
      if (grant === undefined) throw new Error('this is no grant');

      const decided = decide(grant, compiled, new Date(/^on (\S+)/.exec(where)?.[1] ?? TODAY));

      const said = decided.effect === 'allow' ? `allow: \`${decided.rule}\`` : `deny: ${decided.reasons[0]?.text}`;
      expect(said).toBe(decision);
    },
  );
});

describe('a decision on the page, of a cache', () => {
  test.each(tableUnder(DOCUMENT, '## Decisions by example'))(
    'is as it says: %s, ports %s <- %s',
    async (cache, ports, who, _, decision) => {
      const { compiled } = parseAllowlistText(FILES['allowlist.yaml'] as string, 'allowlist.yaml');
      const [source = '', securityGroupOwnerId] = codesIn(who);
      const kind = source.startsWith('sg-') ? 'securityGroupId' : source.startsWith('pl-') ? 'prefixListId' : 'cidr';
      const { grant, problems } = readVpcAccess({
        account: '123456789012',
        region: 'us-east-1',
        cacheName: codesIn(cache)[0],
        ports: codesIn(ports).map(Number),
        source: { [kind]: source, securityGroupOwnerId },
      });
      if (grant === undefined) throw new Error(problems.join());

      const decided = decide(grant, compiled, new Date(TODAY));

      const said = decided.effect === 'allow' ? `allow: \`${decided.rule}\`` : `deny: ${decided.reasons[0]?.text}`;
      expect(said).toBe(decision);
    },
  );
});

describe('an error on the page', () => {
  test.each(tableUnder(DOCUMENT, '## Errors', 1))('is what is said of %s', async (written, error) => {
    const text = `version: 1\nrules:\n${ruleWith('web', codesIn(written)[0] as string)}`;

    expect(await problemsOf(text)).toEqual([error]);
  });

  test.each(tableUnder(DOCUMENT, '## Errors', 0))(
    'is what is said of %s in a rule about caches',
    async (written, error) => {
      const [keys = ''] = codesIn(written);
      const rule = keys.startsWith('{') ? `  - ${keys}\n` : cacheRuleWith('web', keys);

      expect(await problemsOf(`version: 1\nrules:\n${rule}`)).toEqual([error]);
    },
  );

  test.each(tableUnder(DOCUMENT, '## Errors', 2))('is what is said of the document %s', async (written, error) => {
    expect((await problemsOf(codesIn(written)[0] ?? ''))[0]).toBe(error);
  });

  test('is also one that is too long to show', async () => {
    const web = ruleWith('web', 'reason: a');
    const [long, reason, taken, second, large] = await Promise.all(
      [
        `version: 1\nrules:\n${ruleWith('web', `ec2SecurityGroups: [${'x'.repeat(513)}]`)}`,
        `version: 1\nrules:\n${ruleWith('web', `reason: ${'x'.repeat(1025)}`)}`,
        `version: 1\nrules:\n${web}${web}`,
        'version: 1\nrules: []\n---\nversion: 1\nrules: []\n',
        `#${'x'.repeat(1024 * 1024)}\nversion: 1\nrules: []\n`,
      ].map(problemsOf),
    );

    const page = DOCUMENT.replaceAll('\n', ' ');
    for (const problems of [long, reason, taken, second, large]) {
      expect(problems).toHaveLength(1);
      expect(page).toContain(problems?.[0]?.replace(/^rules\S+: /, ''));
    }
  });
});

describe('a warning on the page', () => {
  const warningsOf = async (rules: string) => {
    const { allowlist } = parseAllowlistText(`version: 1\nrules:${rules}`, 'allowlist.yaml');
    return findWarnings(allowlist, new Date(TODAY)).map(({ message }) => message);
  };
  const WEB = '  - { id: web, cacheSecurityGroups: [sessions], ec2SecurityGroups: [web], ownerIds: [self] }\n';

  test.each(tableUnder(DOCUMENT, '## Warnings', 1))('is what is said of %s', async (written, warning) => {
    const fragment = codesIn(written).at(-1) as string;
    const other = written.startsWith('the same') ? WEB.replace('id: web', fragment) : ruleWith('other', fragment);

    const warnings = await warningsOf(`\n${written.startsWith('alone') ? '' : WEB}${other}`);

    expect(warnings).toEqual([warning]);
  });

  const OFFICE = '  - { id: office, caches: [sessions], cidrs: [10.0.0.0/16] }\n';

  test.each(tableUnder(DOCUMENT, '## Warnings'))(
    'is what is said of %s in a rule about caches',
    async (written, warning) => {
      const fragment = codesIn(written).at(-1) as string;
      const other = written.startsWith('the same')
        ? OFFICE.replace('id: office', fragment)
        : cacheRuleWith('other', fragment);

      expect(await warningsOf(`\n${OFFICE}${other}`)).toEqual([warning]);
    },
  );

  test('is also one of the whole', async () => {
    const [none] = await warningsOf(' []');
    const [expired] = await warningsOf(`\n${ruleWith('web', 'expires: 2020-01-31')}`);

    expect(DOCUMENT).toContain(`\`${none}\``);
    expect(DOCUMENT).toContain(`\`${expired?.split(': ').at(-1)}\``);
  });
});

/** The commands in a block as on a terminal, with what each writes. */
function sessionOf(text: string): { command: string; output: string }[] {
  const joined = text.replace(/ \\\n +/g, ' ');
  return joined
    .split(/^\$ /m)
    .slice(1)
    .map((part) => ({ command: part.slice(0, part.indexOf('\n')), output: part.slice(part.indexOf('\n') + 1) }));
}

describe('a command on the page', () => {
  const sessions = BLOCKS.filter(({ language }) => language === 'console').map(({ text }) => sessionOf(text));

  test.each(sessions.map((session) => [session[0]?.command as string, session] as const))(
    'writes what it shows: %s',
    async (_, session) => {
      const { folder } = await folderWith(FILES);
      await recordEvents(join(folder, 'cloudtrail-logs'));
      const back = process.cwd();
      process.chdir(folder);
      vi.useFakeTimers({ toFake: ['Date'], now: new Date(TODAY) });
      onTestFinished(() => {
        process.chdir(back);
        vi.useRealTimers();
      });
      let lastExitCode = 0;

      for (const { command, output } of session) {
        if (command === 'echo $?') {
          expect(`${lastExitCode}\n`).toBe(output);
          continue;
        }
        const { exitCode, stdout, stderr } = await runCli(command.split(' ').slice(1));
        expect(command).toMatch(/^ingress-guard /);
        expect(stdout + stderr).toBe(output);
        lastExitCode = exitCode;
      }
    },
  );

  test('is there for every command that there is for allowlists', () => {
    const shown = sessions.flat().map(({ command }) => command.split(' ')[1]);

    expect(shown).toEqual(expect.arrayContaining(['init', 'check', 'test', 'explain', 'replay', 'what-if', 'learn']));
  });
});

/** A CloudTrail log file with a grant of the account itself, one of a stranger, and another call. */
async function recordEvents(folder: string): Promise<void> {
  const inAccount = (name: string, changes: Record<string, unknown>) =>
    withChanges(sampleEvent(name).detail, {
      recipientAccountId: '123456789012',
      'responseElements.ownerId': '123456789012',
      ...changes,
    });
  const records = [
    inAccount('authorize-ingress', { 'requestParameters.eC2SecurityGroupOwnerId': '123456789012' }),
    inAccount('authorize-ingress', {}),
    inAccount('revoke-ingress', {}),
  ];
  await mkdir(folder);
  await writeFile(join(folder, 'log.json.gz'), gzipSync(JSON.stringify({ Records: records })));
}
