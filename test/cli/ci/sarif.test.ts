import { pathToFileURL } from 'node:url';
import type { Log } from 'sarif';
import { describe, expect, test } from 'vitest';
import { toSarif } from '../../../src/cli/ci/sarif.ts';
import { runCli } from '../../support/commands/run-cli.ts';
import { allowlistFile } from '../../support/functions/enforce-ingress-function.ts';
import { folderWith } from '../../support/tools/folder.ts';
import { CASES, HOSTILE_CASES, INVALID, UNREADABLE, WITH_WARNINGS } from './examples.ts';
import { validateSarif } from './sarif-schema.ts';

/** Reads a log, and holds it to the schema of SARIF 2.1.0. */
function readLog(text: string): Log {
  const log = JSON.parse(text);
  expect(validateSarif(log)).toEqual([]);
  return log;
}

function resultsOf(log: Log) {
  return (log.runs[0]?.results ?? []).map(({ ruleId, level, message, locations = [] }) => {
    const { artifactLocation, region } = locations[0]?.physicalLocation ?? {};
    return { ruleId, level, text: message.text, uri: artifactLocation?.uri, line: region?.startLine };
  });
}

const FORMAT = ['--format', 'sarif'];

test('the schema refuses a result without its text', () => {
  const log = JSON.parse(toSarif([]));

  expect(validateSarif({ ...log, runs: [{ ...log.runs[0], results: [{}] }] })).not.toEqual([]);
});

describe('--format sarif', () => {
  test('names each mistake and each warning of an allowlist with file and line', async () => {
    const [invalid, warned] = [await allowlistFile(INVALID), await allowlistFile(WITH_WARNINGS)];

    const wrong = await runCli(['check', invalid, ...FORMAT]);
    const doubtful = await runCli(['check', warned, ...FORMAT]);

    const place = { ruleId: 'allowlist-invalid', level: 'error', uri: pathToFileURL(invalid).href };
    expect(resultsOf(readLog(wrong.stdout))).toMatchObject([
      { ...place, line: 4 },
      { ...place, line: 5 },
    ]);
    expect(wrong.exitCode).toBe(3);
    expect(resultsOf(readLog(doubtful.stdout))).toContainEqual(
      expect.objectContaining({ ruleId: 'allowlist-warning', level: 'warning', line: 5 }),
    );
  });

  test('has paths without dots, as code scanning has those of the repository', async () => {
    const { stdout } = await runCli(['check', './guard/.././none.yaml', ...FORMAT]);

    expect(resultsOf(readLog(stdout))).toMatchObject([{ ruleId: 'unreadable', uri: 'none.yaml' }]);
  });

  test('names the case that fails with file and line, and no case that holds', async () => {
    const { cases } = await folderWith({ cases: CASES });

    const { stdout, exitCode } = await runCli(['test', cases, '--allowlist', await allowlistFile(), ...FORMAT]);

    expect(resultsOf(readLog(stdout))).toEqual([
      {
        ruleId: 'case-failed',
        level: 'error',
        text: 'web is kept out: should be denied, and rule `web-to-sessions` allows it',
        uri: pathToFileURL(cases).href,
        line: 6,
      },
    ]);
    expect(exitCode).toBe(1);
  });

  test('is a log without results where nothing is wrong', async () => {
    const { stdout, exitCode } = await runCli(['check', await allowlistFile(), ...FORMAT]);

    const log = readLog(stdout);
    expect(resultsOf(log)).toEqual([]);
    expect(log.runs[0]?.invocations).toEqual([{ executionSuccessful: true }]);
    expect(exitCode).toBe(0);
  });

  test.each(UNREADABLE)(
    'has a result for an allowlist or cases that are %s, and a run that did not succeed',
    async (_, path, why) => {
      const file = await path();
      const allowlist = await allowlistFile();

      for (const argv of [
        ['check', file],
        ['test', file, '--allowlist', allowlist],
      ]) {
        const { exitCode, stdout, stderr } = await runCli([...argv, ...FORMAT]);

        const log = readLog(stdout);
        expect(resultsOf(log)).toEqual([
          {
            ruleId: 'unreadable',
            level: 'error',
            text: expect.stringMatching(why),
            uri: pathToFileURL(file).href,
            line: 1,
          },
        ]);
        expect(log.runs[0]?.invocations).toEqual([{ executionSuccessful: false }]);
        expect(stderr).toMatch(why);
        expect(exitCode).toBe(1);
      }
    },
  );

  test('describes every rule that it has results of', async () => {
    const log = readLog((await runCli(['check', await allowlistFile(INVALID), ...FORMAT])).stdout);

    const rules = log.runs[0]?.tool.driver.rules ?? [];
    for (const { ruleId, ruleIndex = -1 } of log.runs[0]?.results ?? []) expect(rules[ruleIndex]?.id).toBe(ruleId);
  });

  test('leaves a relative path relative, as a URI', () => {
    const results = [{ name: 'a', at: { line: 1, column: 1 }, wrong: { kind: 'case-failed', message: 'a' } as const }];

    const log = readLog(toSarif([{ file: 'our cases/a#1.yaml', name: 'a', results }]));

    expect(resultsOf(log)).toMatchObject([{ uri: 'our%20cases/a%231.yaml' }]);
  });

  test('has the place of standard input in the message', async () => {
    const { stdout } = await runCli(['check', '-', ...FORMAT], { stdin: INVALID });

    expect(resultsOf(readLog(stdout))[0]).toMatchObject({
      text: expect.stringMatching(/^standard input:4:26: /),
      uri: undefined,
    });
  });

  test('holds a name that is made to break it as text', async () => {
    const { cases } = await folderWith({ cases: HOSTILE_CASES });

    const { stdout } = await runCli(['test', cases, '--allowlist', await allowlistFile(), ...FORMAT]);

    expect(resultsOf(readLog(stdout))[0]?.text).toMatch(/^a\?::set-env name=PATH/);
  });

  test('makes no link and no placeholder of what a name holds', () => {
    const message = 'case `[sign in](https://example.com) {0}` fails, see rules[0]';
    const results = [{ name: 'a', at: { line: 1, column: 1 }, wrong: { kind: 'case-failed', message } as const }];

    const log = readLog(toSarif([{ file: 'a.yaml', name: 'a', results }]));

    expect(resultsOf(log)[0]?.text).toBe('case `[sign in] (https://example.com) { 0}` fails, see rules[0]');
  });
});
