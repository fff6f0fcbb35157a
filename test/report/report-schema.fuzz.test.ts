import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AuditReport } from '../../src/report/audit-report.ts';
import { toCsv } from '../../src/report/csv.ts';
import { toHtml } from '../../src/report/html.ts';
import { toJson } from '../../src/report/json.ts';
import { toOcsf } from '../../src/report/ocsf.ts';
import { parseAuditReport } from '../../src/report/report-schema.ts';
import { toTerminalText } from '../../src/report/text.ts';
import { pathsOf, withValueAt } from '../events/sample-events.ts';
import {
  cleanReport,
  enforcedReport,
  heldReport,
  hostileReport,
  incompleteReport,
  reportOf,
  troubledReport,
} from '../support/examples/audit-reports.ts';
import { FORGED, hostileText, MARKUP, mutatedJson, TAIL, valuesOf } from '../support/examples/hostile.ts';
import { bothKindsReport, hostileVpcReport, vpcEnforcedReport } from '../support/examples/vpc-audit-reports.ts';
import { harmless, times } from '../support/tools/fuzz.ts';

const REPORTS: readonly unknown[] = [
  cleanReport(),
  troubledReport(),
  incompleteReport(),
  heldReport(),
  enforcedReport(),
  hostileReport(),
  bothKindsReport(),
  vpcEnforcedReport(),
  hostileVpcReport(),
  reportOf([], { expectedPlaces: [] }),
].map((report) => JSON.parse(JSON.stringify(report)));

/** A report in which up to five texts are others: most of these are reports still. */
const withOtherTexts = fc.constantFrom(...REPORTS).chain((report) => {
  const values = valuesOf(report);
  const texts = pathsOf(report).filter((_, i) => typeof values[i] === 'string');
  return fc
    .array(fc.tuple(fc.constantFrom(...texts), hostileText), { minLength: 1, maxLength: 5 })
    .map((changes) => changes.reduce((changed, [path, text]) => withValueAt(changed, path, text), report));
});
const anything = fc.oneof(withOtherTexts, mutatedJson(REPORTS));

/** A report that was taken, in every form there is. */
async function expectFormsToHold(report: AuditReport): Promise<void> {
  const text = toTerminalText(report, { colour: false, width: 100 });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
  expect(text).not.toMatch(new RegExp(`${TAIL}|^${FORGED}`, 'm'));
  expect(JSON.parse([...toJson(report)].join(''))).toEqual(JSON.parse(JSON.stringify(report)));
  for (const line of toOcsf(report).split('\n').slice(0, -1)) JSON.parse(line);
  const page = await toHtml(report, { previous: [report] });
  expect(page).not.toContain(MARKUP);
  expect(page.match(/<script/g)).toHaveLength(2);
  expect(toCsv(report).split('\r\n')[0]).toMatch(/^record,/);
}

describe('whatever a stored report holds', () => {
  test('it is read or refused with few short and printable problems, and what is read can be written in every form', async () => {
    const seen = { read: 0, refused: 0 };

    await fc.assert(
      fc.asyncProperty(anything, (value) =>
        harmless(async () => {
          const { report, problems } = parseAuditReport(value);
          if (report !== undefined) {
            seen.read++;
            return await expectFormsToHold(report);
          }
          seen.refused++;
          expect(problems.length).toBeLessThanOrEqual(20);
          for (const problem of problems) expect(problem).toMatch(/^[ -~]{1,300}$/);
          expect(problems.join()).not.toContain(TAIL);
        }),
      ),
      times(200),
    );

    expect(seen.read).toBeGreaterThan(0);
    expect(seen.refused).toBeGreaterThan(0);
  });
});
