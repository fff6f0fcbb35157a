import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectRefusal, jsonLines, runCli } from '../support/commands/run-cli.ts';
import { cleanReport, incompleteReport, reportOf, troubledReport } from '../support/examples/audit-reports.ts';
import { REGION, STRANGER } from '../support/examples/grants.ts';
import { stubEnvironment } from '../support/functions/aws-environment.ts';
import { allowlistFile } from '../support/functions/enforce-ingress-function.ts';
import { startAuditedElastiCache } from '../support/scripted/audited-elasticache.ts';
import { folderWith } from '../support/tools/folder.ts';

const FORMS = ['text', 'json', 'csv', 'ocsf', 'asff', 'html', 'markdown'];
const asFile = (report: unknown) => folderWith({ 'report.json': JSON.stringify(report) });

describe('--format', () => {
  const audit = async (...options: string[]) => {
    const elastiCache = await startAuditedElastiCache();
    stubEnvironment({ AWS_ENDPOINT_URL_ELASTICACHE: elastiCache.url, AWS_ENDPOINT_URL_STS: elastiCache.url });
    return runCli(['audit', '--region', REGION, '--allowlist', await allowlistFile(), ...options]);
  };

  test('text, without being asked: for a person, the disallowed grant in it, and no colour in a pipe', async () => {
    const { exitCode, stdout } = await audit();

    expect(exitCode).toBe(2);
    expect(stdout).toContain(STRANGER);
    expect(stdout).not.toContain('\u001b');
  });

  test('json: the report as one document on a line', async () => {
    const { stdout } = await audit('--format', 'json');

    expect(jsonLines(stdout)).toMatchObject([{ schemaVersion: '1.5', counts: { denied: 1 }, findings: [{}, {}] }]);
  });

  test('csv: a header, and a line for each finding', async () => {
    const { stdout } = await audit('--format', 'csv');

    const lines = stdout.trim().split(/\r?\n/);
    expect(lines).toHaveLength(3);
    expect(lines.filter((line) => line.includes(STRANGER))).toHaveLength(1);
  });

  test('ocsf: Compliance Findings, an object a line', async () => {
    const { stdout } = await audit('--format', 'ocsf');

    const findings = jsonLines(stdout) as { class_uid: number }[];
    expect(findings.length).toBeGreaterThan(0);
    for (const finding of findings) expect(finding.class_uid).toBe(2003);
  });

  test('asff: one list of findings in the AWS Security Finding Format', async () => {
    const { exitCode, stdout } = await audit('--format', 'asff');

    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject([
      { SchemaVersion: '2018-10-08', Compliance: { Status: 'FAILED' }, Title: expect.stringContaining(STRANGER) },
      { SchemaVersion: '2018-10-08', Compliance: { Status: 'PASSED' } },
    ]);
  });

  test('html: one page', async () => {
    const { stdout } = await audit('--format', 'html');

    expect(stdout).toMatch(/^<!doctype html>/i);
    expect(stdout).toContain(STRANGER);
  });

  test('of any other kind is refused', async () => {
    const { exitCode, stderr } = await audit('--format', 'pdf');

    expect(exitCode).toBe(1);
    expect(stderr).toContain('--format is `pdf`: it must be text, json, csv, ocsf, asff, html or markdown');
  });
});

describe('--from-report', () => {
  const from = async (report: unknown, ...options: string[]) => {
    const { 'report.json': file } = await asFile(report);
    return runCli(['audit', '--from-report', file, ...options]);
  };

  test.each(FORMS)('writes an earlier report as %s, without a region, an allowlist or a call', async (format) => {
    const { exitCode, stdout, stderr } = await from(troubledReport(), '--format', format);

    expect([exitCode, stderr]).toEqual([2, '']);
    expect(stdout).toContain('orphan');
  });

  test('reads a report that PowerShell wrote', async () => {
    const { report } = await folderWith({
      report: Buffer.from(`\uFEFF${JSON.stringify(troubledReport())}`, 'utf16le'),
    });

    const { exitCode, stdout } = await runCli(['audit', '--from-report', report]);

    expect(stdout).toContain('orphan');
    expect(exitCode).toBe(2);
  });

  test('gives the same document again as JSON', async () => {
    const { stdout } = await from(troubledReport(), '--format', 'json');

    expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(troubledReport())));
  });

  test.each([
    [0, 'clean', cleanReport()],
    [2, 'troubled', troubledReport()],
    [1, 'incomplete', incompleteReport()],
    [1, 'incomplete, and with disallowed grants', incompleteReport([...troubledReport().findings])],
  ])('ends with %i when the report is %s', async (code, _, report) => {
    expect((await from(report)).exitCode).toBe(code);
  });

  test('ends with 0 when the report says that 0 failed', async () => {
    const { counts, ...report } = cleanReport();
    const withZero = { ...report, counts: { ...counts, outcomes: { ...counts.outcomes, failed: 0 } } };

    expect((await from(withZero)).exitCode).toBe(0);
  });

  test('--out writes there', async () => {
    const { folder } = await folderWith({});
    const out = join(folder, 'report.html');

    const { stdout } = await from(troubledReport(), '--format', 'html', '--out', out);

    expect(stdout).toBe('');
    expect(await readFile(out, 'utf8')).toMatch(/^<!doctype html>/i);
  });

  test.each([
    ['a report that contradicts itself', { ...troubledReport(), findings: [] }, /is no report of an audit: counts\./],
    ['something else', { version: 1, rules: [] }, /is no report of an audit: /],
  ])('refuses %s', async (_, report, message) => {
    expectRefusal(await from(report), 1, message);
  });

  test('refuses a file that is not there, or no JSON', async () => {
    const { text } = await folderWith({ text: 'no JSON' });

    expectRefusal(
      await runCli(['audit', '--from-report', '/nowhere']),
      1,
      /\/nowhere cannot be read: there is no such/,
    );
    expectRefusal(await runCli(['audit', '--from-report', text]), 1, /text: not JSON\. Name the report/);
  });
});

describe('--from-report with an option of an audit', () => {
  test.each([
    [['--mode', 'enforce'], '--mode'],
    [['--verify', '--mode', 'enforce'], '--mode and --verify'],
    [['--who-made'], '--who-made'],
    [['--organization'], '--organization'],
    [['--accounts', '111122223333'], '--accounts'],
    [['--max-revocations-per-run', '1'], '--max-revocations-per-run'],
  ])('is refused, since it would do nothing: %j', async (options, named) => {
    const { 'report.json': report } = await asFile(troubledReport());

    const ended = await runCli(['audit', '--from-report', report, ...options]);

    expectRefusal(
      ended,
      1,
      new RegExp(`^ingress-guard: --from-report audits nothing: leave out ${named}, or --from-report`),
    );
  });

  test('is written where the mode comes from the environment', async () => {
    const { 'report.json': report } = await asFile(troubledReport());

    const ended = await runCli(['audit', '--from-report', report], { environment: { INGRESS_GUARD_MODE: 'enforce' } });

    expect([ended.exitCode, ended.stderr]).toEqual([2, '']);
  });
});

describe('--previous', () => {
  test('puts earlier reports into the page, for the picture of findings over time', async () => {
    const earlier = reportOf([], {
      startedAt: new Date('2026-05-06T07:08:09.000Z'),
      finishedAt: new Date('2026-05-06T07:08:10.000Z'),
    });
    const files = await folderWith({ now: JSON.stringify(troubledReport()), earlier: JSON.stringify(earlier) });
    const argv = ['audit', '--from-report', files.now, '--format', 'html'];

    const without = await runCli(argv);
    const withEarlier = await runCli([...argv, '--previous', files.earlier]);

    expect(without.stdout).not.toContain('2026-05-06');
    expect(withEarlier.stdout).toContain('2026-05-06');
  });

  test.each(['text', 'html', 'markdown', 'json'])(
    'of later audits alone is refused in %s, with what to do',
    async (format) => {
      const at = (day: string) => JSON.stringify({ ...troubledReport(), startedAt: `2026-05-${day}T07:08:09.000Z` });
      const files = await folderWith({ now: at('06'), later: at('07'), latest: at('08'), earlier: at('05') });
      const argv = ['audit', '--from-report', files.now, '--format', format, '--previous', files.later, files.latest];

      const refused = await runCli(argv);
      const itself = await runCli(['audit', '--from-report', files.now, '--format', format, '--previous', files.now]);
      const compared = await runCli([...argv, files.earlier]);

      expectRefusal(
        refused,
        1,
        new RegExp(
          `--previous names no earlier audit: ${files.later} \\(2026-05-07 07:08:09 UTC\\), .* did not begin before ${files.now} ` +
            '\\(2026-05-06 07:08:09 UTC\\): name an earlier report, or give the latest one to --from-report',
        ),
      );
      expectRefusal(itself, 1, /names no earlier audit/);
      expect(compared.exitCode).toBe(2);
    },
  );

  test.each(FORMS)('is said to change nothing where the form compares nothing: %s', async (format) => {
    const at = (day: string) => JSON.stringify({ ...troubledReport(), startedAt: `2026-05-${day}T07:08:09.000Z` });
    const files = await folderWith({ now: at('06'), earlier: at('05') });
    const argv = ['audit', '--from-report', files.now, '--format', format, '--previous', files.earlier];

    const { stdout, stderr } = await runCli(argv);

    const compares = stdout.includes('Since the audit of 2026-05-05 07:08:09 UTC');
    const said = `--previous changes nothing in --format ${format}: text, html, markdown show what is new\n`;
    expect(stderr).toBe(compares ? '' : said);
    expect(compares).toBe(['text', 'html', 'markdown'].includes(format));
  });

  test('of later audits alone is refused before anything is done', async () => {
    const elastiCache = await startAuditedElastiCache();
    stubEnvironment({ AWS_ENDPOINT_URL_ELASTICACHE: elastiCache.url, AWS_ENDPOINT_URL_STS: elastiCache.url });
    const later = { ...troubledReport(), startedAt: '9999-05-06T07:08:09.000Z' };
    const { 'report.json': file } = await asFile(later);
    const argv = ['audit', '--region', REGION, '--allowlist', await allowlistFile(), '--mode', 'enforce'];

    for (const scope of [[], ['--organization']]) {
      const ended = await runCli([...argv, ...scope, '--previous', file]);

      expectRefusal(ended, 1, /did not begin before this audit \(.*\): check the clock, or name an earlier report/);
    }
    expect(elastiCache.everyCall()).toEqual([]);
  });

  test('that cannot be read is refused before anything is done', async () => {
    const elastiCache = await startAuditedElastiCache();
    stubEnvironment({ AWS_ENDPOINT_URL_ELASTICACHE: elastiCache.url, AWS_ENDPOINT_URL_STS: elastiCache.url });
    const argv = ['audit', '--region', REGION, '--allowlist', await allowlistFile(), '--mode', 'enforce'];

    const ended = await runCli([...argv, '--previous', '/nowhere']);

    expectRefusal(ended, 1, /\/nowhere cannot be read: there is no such file/);
    expect(elastiCache.everyCall()).toEqual([]);
  });
});

describe('options that nobody can mean', () => {
  const environment = { AWS_REGION: REGION };

  test.each([
    [['--region', 'evil.example.com/'], /`evil\.example\.com\/` is not the name of a region, such as us-east-1/],
    [['--max-revocations', '-1'], /must be a whole number from 0/],
    [['--max-revocations', 'all'], /must be a whole number from 0 to 1000000, or unlimited/],
    [['--requests-per-second', '0'], /must be a whole number from 1 to 1000000, or unlimited/],
    [['--timeout', '0'], /must be a whole number from 1/],
    [['--mode', 'Enforce'], /--mode is `Enforce`: it must be report-only or enforce/],
  ])('are refused: %j', async (options, message) => {
    expectRefusal(await runCli(['audit', ...options], { environment }), 1, message);
  });

  test('are refused in the environment too', async () => {
    const ended = await runCli(['audit', '--allowlist', await allowlistFile()], {
      environment: { ...environment, INGRESS_GUARD_MODE: 'Enforce' },
    });

    expectRefusal(ended, 1, /INGRESS_GUARD_MODE is `Enforce`: set it to report-only or enforce/);
  });

  test('are refused: no region at all', async () => {
    expectRefusal(await runCli(['audit']), 1, /which region\? Say --region, or set AWS_REGION/);
  });
});
