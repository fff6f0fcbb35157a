import type { AuditReport } from './audit-report.ts';

/** How many findings make a piece: small enough that pieces which are done with are cheap to sweep away. */
const FINDINGS_AT_ONCE = 200;

/**
 * The report as JSON on one line, exactly as JSON.stringify writes it, in pieces: as one text, with all its copies on the way
 * to a file, a report of 100,000 findings would take more memory than the audit itself.
 */
export function* toJson(report: AuditReport): Generator<string> {
  let before = '{';
  for (const [key, value] of Object.entries(report)) {
    yield `${before}${JSON.stringify(key)}:`;
    before = ',';
    if (key === 'findings') yield* toJsonList(report.findings);
    else yield JSON.stringify(value);
  }
  yield '}\n';
}

function* toJsonList(items: readonly unknown[]): Generator<string> {
  yield '[';
  for (let from = 0; from < items.length; from += FINDINGS_AT_ONCE) {
    const piece = JSON.stringify(items.slice(from, from + FINDINGS_AT_ONCE)).slice(1, -1);
    yield from === 0 ? piece : `,${piece}`;
  }
  yield ']';
}
