import { describe, expect, test } from 'vitest';
import { runCli } from '../../support/commands/run-cli.ts';
import { stubEnvironment } from '../../support/functions/aws-environment.ts';
import { ALLOWLIST, allowlistFile } from '../../support/functions/enforce-ingress-function.ts';
import { folderWith } from '../../support/tools/folder.ts';
import { readXml, type XmlElement } from '../../support/wire/xml.ts';
import { CASES, HOSTILE_CASES, INVALID, UNREADABLE, WITH_WARNINGS } from './examples.ts';

/**
 * What an element may and must have, as junit-10.xsd of Jenkins' plugin xunit says, which is the strictest that reads it. No standard
 * says what JUnit's XML is.
 */
const ELEMENTS: Readonly<Record<string, Readonly<Record<'children' | 'must' | 'may', readonly string[]>>>> = {
  testsuites: { children: ['testsuite'], must: [], may: ['name', 'time', 'tests', 'failures', 'errors'] },
  testsuite: {
    children: ['testsuite', 'properties', 'testcase', 'system-out', 'system-err'],
    must: ['name', 'tests', 'failures', 'errors'],
    may: ['group', 'time', 'skipped', 'timestamp', 'hostname', 'id', 'package', 'file', 'log', 'url'],
  },
  testcase: {
    children: ['skipped', 'error', 'failure', 'system-out', 'system-err'],
    must: ['name'],
    may: ['time', 'classname', 'group'],
  },
  error: { children: [], must: [], may: ['type', 'message'] },
  failure: { children: [], must: [], may: ['type', 'message'] },
  'system-out': { children: [], must: [], may: [] },
};

function breachesIn({ name, attributes, children, text }: XmlElement): string[] {
  const rule = ELEMENTS[name];
  if (rule === undefined) return [`<${name}> is no element of JUnit's`];
  const given = Object.keys(attributes);
  return [
    ...rule.must.filter((one) => !given.includes(one)).map((one) => `<${name}> lacks ${one}`),
    ...given.filter((one) => ![...rule.must, ...rule.may].includes(one)).map((one) => `<${name}> has ${one}`),
    ...children.filter((one) => !rule.children.includes(one.name)).map((one) => `<${one.name}> is in <${name}>`),
    ...(children.length > 0 && text.trim() !== '' ? [`<${name}> has text between its elements`] : []),
    ...children.flatMap(breachesIn),
  ];
}

/** Reads a report, and holds it to the schema, and its numbers to what is in it. */
function readReport(stdout: string): XmlElement {
  const [declaration, ...rest] = stdout.split('\n');
  expect(declaration).toBe('<?xml version="1.0" encoding="UTF-8"?>');
  const root = readXml(rest.join('\n'));
  expect(root.name).toBe('testsuites');
  expect(breachesIn(root)).toEqual([]);
  for (const element of [root, ...root.children]) {
    const cases =
      element.name === 'testsuites' ? element.children.flatMap((suite) => suite.children) : element.children;
    const withA = (wrong: string) => cases.filter(({ children }) => children.some(({ name }) => name === wrong));
    const { tests, failures, errors } = element.attributes;
    expect([tests, failures, errors]).toEqual(
      [cases, withA('failure'), withA('error')].map(({ length }) => `${length}`),
    );
  }
  return root;
}

/** The one child of a name. */
function the(element: XmlElement | undefined, name: string): XmlElement | undefined {
  const found = element?.children.filter((child) => child.name === name) ?? [];
  expect(found).toHaveLength(1);
  return found[0];
}

const FORMAT = ['--format', 'junit'];

test('the schema refuses an attribute that Jenkins does', () => {
  const report =
    '<testsuites><testsuite name="a" tests="1" failures="0"><testcase name="a" line="1"/></testsuite></testsuites>';

  expect(breachesIn(readXml(report))).toEqual(['<testsuite> lacks errors', '<testcase> has line']);
});

describe('--format junit', () => {
  test('has a test case for each case; one that fails names its file and line', async () => {
    const { cases } = await folderWith({ cases: CASES });

    const { stdout, exitCode } = await runCli(['test', cases, '--allowlist', await allowlistFile(), ...FORMAT]);

    const suite = the(readReport(stdout), 'testsuite');
    expect(suite?.attributes).toMatchObject({ name: cases, file: cases, tests: '2', failures: '1' });
    const [holds, fails] = suite?.children ?? [];
    expect(holds).toMatchObject({ attributes: { name: 'web reaches the sessions', classname: cases }, children: [] });
    expect(fails?.attributes.name).toBe('web is kept out');
    const message = 'web is kept out: should be denied, and rule `web-to-sessions` allows it';
    expect(the(fails, 'failure')).toMatchObject({
      attributes: { type: 'case-failed', message },
      text: `${cases}:6:5: ${message}`,
    });
    expect(exitCode).toBe(1);
  });

  test('has a suite for each file of cases, and one for the allowlist with the rules that no case reaches', async () => {
    const { first, second } = await folderWith({ first: CASES, second: CASES });
    const allowlist = await allowlistFile(
      ALLOWLIST.replace('id: web-to-sessions', 'id: other').concat(`  - id: batch
    cacheSecurityGroups: [queue]
    ec2SecurityGroups: [batch]
    ownerIds: [self]
`),
    );

    const argv = ['test', first, second, '--allowlist', allowlist, '--coverage', ...FORMAT];
    const suites = readReport((await runCli(argv)).stdout).children;

    expect(suites.map(({ attributes }) => attributes.name)).toEqual([first, second, allowlist]);
    expect(suites[2]?.attributes).toMatchObject({ tests: '1', failures: '0' });
    const [unreached] = suites[2]?.children ?? [];
    expect(the(unreached, 'system-out')?.text).toMatch(/^warning: .*:\d+:5: no case reaches rule `batch`$/);
  });

  test('fails for each mistake of an allowlist, and passes with its warnings', async () => {
    const invalid = readReport((await runCli(['check', await allowlistFile(INVALID), ...FORMAT])).stdout);
    const warned = readReport((await runCli(['check', await allowlistFile(WITH_WARNINGS), ...FORMAT])).stdout);
    const sound = readReport((await runCli(['check', await allowlistFile(), ...FORMAT])).stdout);

    expect(invalid.attributes).toMatchObject({ tests: '2', failures: '2' });
    expect(warned.attributes.failures).toBe('0');
    expect(Number(warned.attributes.tests)).toBeGreaterThan(1);
    expect(sound.attributes).toMatchObject({ tests: '1', failures: '0' });
  });

  test('holds a name that is made to break it as text', async () => {
    const { cases } = await folderWith({ cases: HOSTILE_CASES });

    const { stdout } = await runCli(['test', cases, '--allowlist', await allowlistFile(), ...FORMAT]);

    const [one] = the(readReport(stdout), 'testsuite')?.children ?? [];
    expect(one?.attributes.name).toBe('a?::set-env name=PATH::b%0A]]><failure/>&quot;???');
  });

  test('names the suite of standard input, and no file', async () => {
    const { stdout } = await runCli(['check', '-', ...FORMAT], { stdin: ALLOWLIST });

    const { name, file } = the(readReport(stdout), 'testsuite')?.attributes ?? {};
    expect([name, file]).toEqual(['standard input', undefined]);
  });

  test.each(UNREADABLE)('has a test case with an error for an allowlist that is %s', async (_, path, why) => {
    const allowlist = await path();

    const { exitCode, stdout, stderr } = await runCli(['check', allowlist, ...FORMAT]);

    const suite = the(readReport(stdout), 'testsuite');
    expect(suite?.attributes).toMatchObject({ name: allowlist, file: allowlist, tests: '1', errors: '1' });
    expect(the(the(suite, 'testcase'), 'error')?.attributes).toMatchObject({
      type: 'unreadable',
      message: expect.stringMatching(why),
    });
    expect(stderr).toMatch(why);
    expect(exitCode).toBe(1);
  });

  test.each(UNREADABLE)(
    'has a test case with an error for cases that are %s, also after others',
    async (_, path, why) => {
      const [{ good }, bad] = [await folderWith({ good: CASES }), await path()];

      const ended = await runCli(['test', good, bad, '--allowlist', await allowlistFile(), ...FORMAT]);

      const suite = the(readReport(ended.stdout), 'testsuite');
      expect(suite?.attributes.file).toBe(bad);
      expect(the(the(suite, 'testcase'), 'error')?.attributes.message).toMatch(why);
      expect(ended.stderr).toMatch(why);
      expect(ended.exitCode).toBe(1);
    },
  );

  test.each(UNREADABLE)('blames the allowlist of cases where it is %s', async (_, path, why) => {
    const [{ cases }, allowlist] = [await folderWith({ cases: CASES }), await path()];

    const { stdout, exitCode } = await runCli(['test', cases, '--allowlist', allowlist, ...FORMAT]);

    const suite = the(readReport(stdout), 'testsuite');
    expect(suite?.attributes.file).toBe(allowlist);
    expect(the(the(suite, 'testcase'), 'error')?.attributes.message).toMatch(why);
    expect(exitCode).toBe(1);
  });

  test.each(['appconfig:shop', 'ssm:/no/such'])('names no file where %s cannot be read', async (allowlist) => {
    stubEnvironment({ AWS_REGION: undefined, AWS_CONFIG_FILE: '/dev/null' });

    const { stdout, exitCode } = await runCli(['check', allowlist, ...FORMAT]);

    const { name, file, errors } = the(readReport(stdout), 'testsuite')?.attributes ?? {};
    expect([name, file, errors]).toEqual([allowlist, undefined, '1']);
    expect(exitCode).toBe(1);
  });

  test('fails for cases that are not valid UTF-8, at their line', async () => {
    const { cases } = await folderWith({
      cases: Buffer.from(CASES.replace('web is kept', 'w\xe9b is kept'), 'latin1'),
    });

    const { stdout, exitCode } = await runCli(['test', cases, '--allowlist', await allowlistFile(), ...FORMAT]);

    const one = the(the(readReport(stdout), 'testsuite'), 'testcase');
    expect(the(one, 'failure')?.text).toBe(
      `${cases}:6:12: the next character is not valid UTF-8: save the cases in UTF-8`,
    );
    expect(exitCode).toBe(1);
  });

  test('has a test case with an error where standard input is read for both', async () => {
    const { stdout, exitCode } = await runCli(['test', '-', '--allowlist', '-', ...FORMAT], { stdin: ALLOWLIST });

    const suite = the(readReport(stdout), 'testsuite');
    expect(suite?.attributes.name).toBe('standard input');
    expect(the(the(suite, 'testcase'), 'error')?.attributes.message).toMatch(/can be read only once/);
    expect(exitCode).toBe(1);
  });
});
