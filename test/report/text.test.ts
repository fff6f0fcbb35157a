import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { toTerminalText } from '../../src/report/text.ts';
import {
  cleanReport,
  enforcedReport,
  hostileReport,
  incompleteReport,
  largeReport,
  reportOf,
  troubledReport,
} from '../support/examples/audit-reports.ts';
import {
  bothKindsReport,
  findingsOf,
  goneNameReport,
  hostileVpcReport,
  rule,
  vpcEnforcedReport,
  vpcReportOf,
} from '../support/examples/vpc-audit-reports.ts';

const plain = { colour: false, width: 100 };

describe('the report for a terminal', () => {
  it('says the verdict first, then the figures', () => {
    const [verdict, why, looked, figures] = toTerminalText(troubledReport(), plain).split('\n');

    expect(verdict).toBe('✗ 5 disallowed grants stand');
    expect(why).toBe('None was revoked: this audit only reports.');
    expect(looked).toBe('Looked at 5 cache security groups.');
    expect(figures).toBe('5 disallowed · 0 not evaluated · 10 of 10 grants evaluated · 1 of 1 region evaluated');
  });

  it('lists names in the allowlist that no cache has any more', () => {
    const text = toTerminalText(goneNameReport(), { colour: false, width: 200 });

    expect(text).toContain(
      'Names that no cache has any more\n  allowlist rule `office-to-caches` names cache `carts-ha`, which no longer exists',
    );
    expect(toTerminalText(cleanReport(), plain)).not.toContain('Names that no cache has any more');
  });

  it('groups disallowed grants by cause, and says for each what to do', () => {
    const text = toTerminalText(troubledReport(), plain);

    expect(text).toContain('Rule `web-to-sessions` does not cover the owner: 2 grants (111122223333, us-east-1)\n');
    expect(text).toMatch(/^ {2}sessions +web +444455556666 +would-revoke$/m);
    expect(text).toContain('If they are needed: add to the allowlist:\n    - id: sessions-2027-02-03\n');
    expect(text).toContain('If not: audit with `--mode enforce`, or revoke them yourself:\n  aws elasticache revoke-');
    expect(text).toContain('give rule `partner-until-january` a later `expires`.');
  });

  it('says what was not evaluated and why, and which regions have nothing to judge', () => {
    const text = toTerminalText(incompleteReport(), plain);

    expect(text).toMatch(/^\? Not everything was evaluated\nWhat was evaluated is allowed\.\n/);
    expect(text).toContain('1 of 3 regions evaluated · 1 region without EC2-Classic');
    expect(text).toMatch(
      /^ {2}eu-central-1 +what comes after 100 cache security +Throttling: Rate exceeded\n +groups$/m,
    );
  });

  it('has whole ids in 80 columns: of caches, rules and security groups', () => {
    const text = toTerminalText(bothKindsReport(), { ...plain, width: 80 });

    expect(text).toMatch(/^ {2}carts:6379 +0\.0\.0\.0\/0 \(everybody\) +would-revoke\n {2}sgr-00000000000000010\n/m);
    expect(text).toMatch(
      /^ {2}carts:6379 +sg-00000000000000bad +444455556666 +would-revoke\n {2}sgr-00000000000000013\n/m,
    );
    expect(text).toMatch(/^ {2}orders:6379 +sg-0000000000000dead +not known +would-revoke$/m);
    expect(text).toMatch(/^ {2}orders:6379 +pl-00000000000000002 +would-revoke$/m);
    for (const line of text.split('\n').filter((one) => / would-revoke$/.test(one)))
      expect(line.length).toBeLessThan(80);
  });

  it('says below the grants of rules what went wrong with them, and that a rule opens more, once each', () => {
    const text = toTerminalText(vpcEnforcedReport(), { ...plain, width: 80 });

    expect(text.match(/^sgr-00000000000000013: UnauthorizedOperation: not authorized to perform this$/gm)).toHaveLength(
      1,
    );
    expect(text).toMatch(
      /^sgr-00000000000000011: the rule opens ports 0 to 65535, and the caches behind it listen on 6379, 6380, 11211$/m,
    );
  });

  it('names rules that end and rules that nothing used, and where the audit comes from', () => {
    const text = toTerminalText(cleanReport(), plain);

    expect(text).toContain(
      '  partner-until-january expired on 2027-01-31\n  reports-to-catalog expires on 2027-02-20\n',
    );
    expect(text).toContain('Rules that allowed nothing\n  partner-until-january\n  nobody-uses-this\n');
    expect(text).toContain('elasticache-ingress-guard 1.2.3, mode report-only, at most 10 revocations\n');
    expect(text).toContain('sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08');
  });

  it('says what could not be revoked, and what was seen again', () => {
    const text = toTerminalText(enforcedReport(), { colour: false, width: 200 });

    expect(text).toMatch(/probe +111122223333 +failed +AccessDenied: not authorized to perform this$/m);
    expect(text).toMatch(/debug +111122223333 +revoked, still there$/m);
  });

  it('has colour only if it is asked for, and says the same with and without', () => {
    const coloured = toTerminalText(troubledReport(), { ...plain, colour: true });

    expect(coloured).toContain('\u001b[31m');
    expect(toTerminalText(troubledReport(), plain)).not.toContain('\u001b');
    expect(stripVTControlCharacters(coloured)).toBe(toTerminalText(troubledReport(), plain));
  });

  it('is green only if everything was evaluated and allowed', () => {
    const green = (report: Parameters<typeof toTerminalText>[0]) =>
      toTerminalText(report, { ...plain, colour: true }).includes('\u001b[32m');

    expect(green(cleanReport())).toBe(true);
    for (const report of [
      incompleteReport(),
      troubledReport(),
      enforcedReport(),
      reportOf([], { expectedPlaces: [] }),
    ]) {
      expect(green(report)).toBe(false);
    }
  });

  it.each([40, 60, 80])('breaks no range and no id in a terminal of %i columns', (width) => {
    const cidr = '2001:0db8:1111:2222:3333:4444:5555:6666/128';
    const range = vpcReportOf(findingsOf(rule(0xabc, { kind: 'cidr', cidr: '192.0.2.19/32' })));
    const long = vpcReportOf(findingsOf(rule(0xabc, { kind: 'cidr', cidr })));

    for (const [report, source] of [
      [range, '192.0.2.19/32'],
      [long, cidr],
    ] as const) {
      const lines = toTerminalText(report, { colour: false, width }).split('\n');
      expect(lines.filter((line) => line.includes(source))).not.toEqual([]);
      expect(lines).toContainEqual(expect.stringMatching(/^ {2}sgr-00000000000000abc( |$)/));
    }
  });

  it.each([60, 100])('cuts nothing off in a terminal of %i columns, and has tables no wider', (width) => {
    const text = toTerminalText(incompleteReport(troubledReport().findings as never), { colour: false, width });

    const table = text.slice(text.indexOf('Not evaluated: 2'), text.indexOf('Rule `')).split('\n');
    for (const line of table) expect(line.length).toBeLessThanOrEqual(width);
    expect(text).not.toContain('…');
    expect(text.replace(/\s/g, '')).toContain('eu-central-1');
  });

  it('lets no name move the cursor, change the colour or begin a line', () => {
    for (const report of [hostileReport(), hostileVpcReport()]) {
      const text = toTerminalText(report, plain);

      expect(text).toMatch(/^[\n -~✗·…]+$/);
      expect(text).toContain('turn?gnp.exe');
    }
  });

  it('lets no region or account do so either, as an earlier report may name them', () => {
    const evil = { account: '\u001B[2J', region: 'eu\u001B]0;x\u0007\nwest' };
    const report = incompleteReport(troubledReport().findings as never);
    const places = [...report.expected.places, evil];
    const notJudged = [...report.notJudged, { ...evil, what: 'all of it', why: 'it is down' }];

    for (const expected of [report.expected, { ...report.expected, places }]) {
      const text = toTerminalText({ ...report, expected, notJudged }, plain);

      expect(text).toMatch(/^[\n -~✗?·…]+$/);
      expect(text, 'the sentence that names the regions').toContain('Not everything was evaluated (');
    }
  });

  it('stays short, however many there are, and says how many it leaves out', () => {
    const text = toTerminalText(largeReport(10_000, 1), plain);

    expect(text.split('\n').length).toBeLessThan(700);
    expect(text).toMatch(/^and [0-9,]+ more$/m);
    expect(text).toMatch(/and [0-9,]+ more causes; the other forms have them all/);
  });

  it('has a dash for what was not evaluated, not a 0', () => {
    const text = toTerminalText(reportOf([]), plain);

    expect(text).toMatch(/^- Nothing was evaluated\n/);
    expect(text).toMatch(/^- disallowed · 0 not evaluated · - of 0 grants evaluated/m);
  });

  it('is the same for the same report', () => {
    expect(toTerminalText(troubledReport(), plain)).toBe(toTerminalText(troubledReport(), plain));
  });
});
