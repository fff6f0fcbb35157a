import { lexer, type Token, type Tokens, walkTokens } from 'marked';
import { describe, expect, test } from 'vitest';
import type { AuditReport } from '../../src/report/audit-report.ts';
import { MOST_CHARACTERS, toMarkdown } from '../../src/report/markdown.ts';
import {
  cleanReport,
  findingOf,
  grant,
  hostileReport,
  incompleteReport,
  largeReport,
  reportOf,
  troubledReport,
} from '../support/examples/audit-reports.ts';
import { hostileOrganizationReport, organizationReport } from '../support/examples/organization-reports.ts';
import {
  bothKindsReport,
  findingsOf,
  hostileVpcReport,
  largeVpcReport,
  rule,
  vpcRegion,
  vpcReportOf,
} from '../support/examples/vpc-audit-reports.ts';

const markdownOf = (report: AuditReport) => toMarkdown(report, { previous: [] });

/** The text as GitHub's Markdown means it. */
const parse = (markdown: string): Token[] => lexer(markdown, { gfm: true });

/** Tokens and all that is in them. */
function all(tokens: readonly Token[]): Token[] {
  const found: Token[] = [];
  walkTokens([...tokens], (token) => {
    found.push(token);
  });
  return found;
}

const decode = (text: string) =>
  text.replaceAll(/&#(\d+);/g, (_, number) => String.fromCodePoint(Number(number))).replaceAll('&amp;', '&');

/** What one reads of tokens. A code element is HTML around text. */
const textOf = (tokens: readonly Token[]): string =>
  tokens
    .map((token) => {
      if (token.type === 'html') return '';
      const { tokens: inner, items, text } = token as Partial<Tokens.List & Tokens.Text>;
      if (inner !== undefined || items !== undefined) return textOf(inner ?? items ?? []);
      return token.type === 'codespan' || token.type === 'code' ? (text ?? '') : decode(text ?? '');
    })
    .join('');

const tablesOf = (markdown: string): string[][][] =>
  all(parse(markdown))
    .filter((token): token is Tokens.Table => token.type === 'table')
    .map(({ header, rows }) => [header, ...rows].map((row) => row.map((cell) => textOf(cell.tokens))));

const headingsOf = (markdown: string) =>
  all(parse(markdown)).flatMap((token) => (token.type === 'heading' ? textOf([token]) : []));

/** What GitHub would make a mention, a link or a picture of: all that is not in code. */
function proseOf(markdown: string): string {
  let inCode = 0;
  return all(parse(markdown))
    .map((token) => {
      if (token.type === 'html') inCode += token.text === '<code>' ? 1 : token.text === '</code>' ? -1 : Number.NaN;
      const isLeaf = token.type === 'text' && !('tokens' in token && token.tokens !== undefined);
      return isLeaf && inCode === 0 ? decode(token.text) : '';
    })
    .join('\n');
}

const cidr = (text: string) => ({ kind: 'cidr', cidr: text }) as const;
const ORDERS = [{ cacheName: 'orders', ports: [6379] }];
const withDescription = (number: number, source: string, description: string) =>
  findingsOf(rule(number, cidr(source), { description }), undefined, ORDERS);

const HOSTILE = [
  '| a | b |',
  '\\| a',
  '`code` and ``more``',
  '<img src=x onerror=alert(1)>',
  '@octocat please look',
  '#1 and GH-1',
  '[click](https://example.com)',
  'https://example.com www.example.com a@example.com',
  'two\n\n# lines',
  '</code></td></table><script>',
  '&lt;b&gt; &#64;octocat',
  '*bold* _it_ ~~gone~~ :smile:',
  '\u202egnp.exe \u0000',
  ' leads and ends ',
  '\\',
  '`',
  '```',
  '-->',
  '$x^2$',
];

describe('the report as Markdown', () => {
  test('leads with the verdict, then what is open to everybody with its command, then the rest in order of danger', () => {
    const report = vpcReportOf([
      ...withDescription(1, '198.51.100.7/32', 'of the shop'),
      ...withDescription(2, '172.16.0.0/12', 'of the office'),
      ...withDescription(3, '0.0.0.0/0', 'for the migration'),
    ]);

    const markdown = markdownOf(report);

    expect(headingsOf(markdown)).toEqual([
      '✗ 3 disallowed grants stand, 1 of them open to everybody',
      'Open to everybody (1)',
      'Disallowed as well (2)',
    ]);
    const [open, others] = tablesOf(markdown);
    expect(open).toEqual([
      ['Cache', 'Open to', 'Security group rule', 'Description', 'Outcome'],
      ['orders:6379', '0.0.0.0/0 everybody', 'sgr-00000000000000003', 'for the migration', 'would revoke'],
    ]);
    expect(others?.slice(1).map((row) => row[1])).toEqual(['172.16.0.0/12', '198.51.100.7/32']);
    const blocks = all(parse(markdown)).filter(({ type }) => type === 'code');
    expect(blocks).toHaveLength(1);
    expect(blocks[0]).toMatchObject({
      lang: 'sh',
      text: expect.stringMatching(/^aws ec2 revoke-security-group-ingress .* sgr-00000000000000003$/),
    });
  });

  test.each<[string, AuditReport, string]>([
    ['clean', cleanReport(), '✓ Every grant is allowed'],
    ['incomplete', incompleteReport(), '? Not everything was evaluated'],
    ['empty', vpcReportOf([], { places: [{ ...vpcRegion([]), caches: 0 }] }), '– Nothing was evaluated'],
    ['troubled', troubledReport(), '✗ 5 disallowed grants stand'],
  ])('says the verdict first: %s', (_, report, headline) => {
    expect(headingsOf(markdownOf(report))[0]).toBe(headline);
    expect(markdownOf(report).startsWith('### ')).toBe(true);
  });

  test('has a dash where no grant was evaluated, not a 0', () => {
    const markdown = markdownOf(vpcReportOf([], { places: [{ ...vpcRegion([]), caches: 0 }] }));

    expect(markdown).toContain('**–** disallowed · **0** not judged · **–** of 0 grants evaluated');
  });

  test('names what was not evaluated, with the reason', () => {
    const report = incompleteReport();
    const tables = tablesOf(markdownOf(report));

    const [head, ...rows] = tables.find(([first]) => first?.includes('Why')) ?? [];
    expect(head).toEqual(['Region', 'What', 'Why']);
    expect(rows.length).toBe(report.notJudged.length);
    expect(rows.map((row) => row[1])).toEqual(report.notJudged.map(({ what }) => what));
  });

  test('names accounts and regions of an organization, and what was not evaluated by cause', () => {
    const markdown = markdownOf(organizationReport({ accounts: 40, findings: 200, deniedEvery: 2 }));

    expect(headingsOf(markdown)).toContain('Not evaluated, by cause');
    const items = all(parse(markdown)).filter(({ type }) => type === 'list_item');
    expect(textOf(items.slice(0, 1))).toMatch(/^The member role .*: 17 places in 1 account \(.*shop|search/);
    expect(tablesOf(markdown).at(-1)?.[0]).toContain('Where');
  });

  test.each(HOSTILE)('shows a description as it is, and nothing of it becomes markup: %j', (description) => {
    const markdown = markdownOf(vpcReportOf(withDescription(1, '198.51.100.7/32', description)));

    const [table] = tablesOf(markdown);
    expect(table?.map((row) => row.length)).toEqual([5, 5]);
    const cell = table?.[1]?.[3] ?? '';
    const shown = description.replaceAll(/[\p{C}]/gu, (c) => `\\u{${c.codePointAt(0)?.toString(16).padStart(4, '0')}}`);
    expect(cell).toBe(shown);
    expectHarmless(markdown);
  });

  test.each<[string, AuditReport]>([
    ['names', hostileReport()],
    ['security group rules', hostileVpcReport()],
    ['accounts', hostileOrganizationReport()],
    ['both kinds', bothKindsReport()],
  ])('makes no markup of hostile %s', (_, report) => {
    expectHarmless(markdownOf(report));
  });

  test.each<[string, AuditReport]>([
    ['10,000 disallowed grants', largeReport(10_000, 1)],
    ['10,000 disallowed rules', largeVpcReport(10_000, 1)],
    ['500 accounts', organizationReport({ accounts: 500, findings: 10_000, deniedEvery: 1 })],
    [
      '10,000 rules open to everybody, with descriptions of which every character takes six',
      vpcReportOf(Array.from({ length: 10_000 }, (_, n) => withDescription(n, '0.0.0.0/0', '|'.repeat(255))).flat()),
    ],
    ['a name of 100,000 characters', reportOf([findingOf(grant('sessions', '`'.repeat(100_000)))])],
  ])('stays within what GitHub takes, and says how much it left out and where it is: %s', (_, report) => {
    const markdown = markdownOf(report);

    expect(markdown.length).toBeLessThanOrEqual(MOST_CHARACTERS);
    const rows = tablesOf(markdown).reduce((sum, table) => sum + table.length - 1, 0);
    const out = [...markdown.matchAll(/^([\d,]+) (?:more )?are not shown here/gm)];
    if (report.findings.length > 1) {
      expect(out.length).toBeGreaterThan(0);
      const left = out.reduce((sum, [, number = '']) => sum + Number(number.replaceAll(',', '')), 0);
      const denied = report.findings.filter(({ decision }) => decision.effect === 'deny').length;
      expect(rows + left).toBe(denied + report.notJudged.filter(({ what }) => what !== 'all of it').length);
      expect(markdown).toContain('--format html --out audit.html');
    }
    expectHarmless(markdown);
  });
});

/** No HTML but code elements, and outside of code no link, no picture, no mention and no reference. */
function expectHarmless(markdown: string): void {
  const tokens = all(parse(markdown));
  const html = tokens.flatMap((token) => (token.type === 'html' ? token.raw : []));
  expect([...new Set(html)].filter((one) => !['<code>', '</code>'].includes(one))).toEqual([]);
  expect(tokens.filter(({ type }) => ['link', 'image', 'del', 'em', 'def', 'br'].includes(type))).toEqual([]);
  expect(proseOf(markdown)).not.toMatch(/@|#\d|https?:|www\./);
}
