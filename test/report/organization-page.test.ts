import { describe, expect, test } from 'vitest';
import type { AuditReport } from '../../src/report/audit-report.ts';
import { toHtml } from '../../src/report/html.ts';
import { HOSTILE_NAMES, troubledReport } from '../support/examples/audit-reports.ts';
import { organizationReport, REGIONS } from '../support/examples/organization-reports.ts';

const report = organizationReport({ accounts: 40, findings: 200, deniedEvery: 50 });
const clean = organizationReport({ accounts: 3, findings: 20, troubles: false });
const htmlOf = (one: AuditReport) => toHtml(one, { previous: [] });
/** The account without its member role. */
const CLOSED = '100001000010';

describe('the page of an organization', () => {
  test('never shows what was not evaluated as clean: no cell of it is good', async () => {
    const page = await htmlOf(report);
    const [, row = ''] =
      new RegExp(`<tr><th scope="row">search-test-1 <code class="id">${CLOSED}</code></th>(.*)</tr>`).exec(page) ?? [];

    expect(row).toBe('<td class="unsure">?</td>'.repeat(REGIONS.length));
    expect(page).toContain('<h2 id="not-evaluated">Not evaluated, by cause</h2>');
  });

  test('gives accounts that are alike in every region one row', async () => {
    const page = await htmlOf(clean);

    expect(page.match(/<tr><th scope="row">/g)).toHaveLength(1);
    expect(page).toContain('<summary>3 accounts</summary>');
  });

  test('shows no account as clean in which there was no grant to evaluate, and one without caches at all in grey', async () => {
    const empty = organizationReport({ accounts: 3, findings: 0, troubles: false });
    const some = organizationReport({ accounts: 3, findings: 1, troubles: false });

    const [ofNone, ofOne] = [await htmlOf(empty), await htmlOf(some)];

    const cellsOf = (page: string, look: string) => page.match(new RegExp(`<td class="${look}">`, 'g'))?.length ?? 0;
    expect(ofNone).toContain('<h1 id="verdict">Nothing was evaluated</h1>');
    expect([cellsOf(ofNone, 'good'), cellsOf(ofNone, 'none')]).toEqual([0, REGIONS.length]);
    expect([cellsOf(ofOne, 'good'), cellsOf(ofOne, 'none')]).toEqual([1, REGIONS.length - 1]);
  });

  test.each([1, 400])(
    'has at most 2 MB for 500 accounts and 10,000 findings, every %s. denied',
    async (deniedEvery) => {
      const page = await htmlOf(organizationReport({ accounts: 500, findings: 10_000, deniedEvery }));

      expect(page.length).toBeLessThan(2_000_000);
    },
  );

  test('shows the disallowed grants of earlier audits next to its own, those of one account and incomplete ones too', async () => {
    const at = (hour: string, one: AuditReport): AuditReport => ({
      ...one,
      startedAt: `2027-02-02T${hour}:00:00.000Z`,
    });
    const earlier = [at('01', clean), at('02', organizationReport({ accounts: 40, findings: 200, deniedEvery: 10 }))];

    const page = await toHtml(report, { previous: [...earlier, at('03', troubledReport())] });

    const figures = [...page.matchAll(/<rect[^>]*\/>\s*<text[^>]*>([^<]*)</g)].map(([, figure]) => figure);
    expect(figures).toEqual(['0', '20?', '5', '4?']);
  });

  test('shows what names hold as text', async () => {
    const hostile = HOSTILE_NAMES[0] as string;
    const named = {
      ...report,
      organization: hostile,
      targets: report.targets?.map((one) => ({ ...one, name: hostile })),
    };

    const page = await htmlOf(named as AuditReport);

    expect(page).not.toContain(hostile);
    expect(page).toContain('&lt;/script&gt;&lt;img src=x');
  });
});
