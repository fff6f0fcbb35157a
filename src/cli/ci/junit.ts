import Builder from 'fast-xml-builder';
import { oneLine } from '../one-line.ts';
import { isUnchecked, KINDS, type Result, type Suite } from './results.ts';

/** As long as a name gets that a build server shows in a list. */
const LONGEST_NAME = 300;
const LONGEST_MESSAGE = 1_000;

/**
 * JUnit's XML: a test suite for each file, a test case for each result. What is wrong has failed; what could not be checked is an error;
 * a warning has passed, and is in the test case's output. No standard says what JUnit's XML is; this is what Jenkins takes (junit-10.xsd of its plugin xunit),
 * and so it has no `file` and `line` at test cases: they are in the text of the failure.
 */
export function toJUnit(suites: readonly Suite[]): string {
  const builder = new Builder({ ignoreAttributes: false, format: true, suppressEmptyNode: true });
  return builder.build({
    '?xml': { '@_version': '1.0', '@_encoding': 'UTF-8' },
    testsuites: {
      '@_name': 'ingress-guard',
      ...totals(suites.flatMap(({ results }) => results)),
      testsuite: suites.map(({ file, name, results }) => ({
        '@_name': xmlText(name, LONGEST_NAME),
        ...totals(results),
        ...(file !== undefined && { '@_file': xmlText(file, LONGEST_MESSAGE) }),
        testcase: results.map((result) => toTestCase(name, result)),
      })),
    },
  });
}

function toTestCase(suite: string, result: Result): object {
  const { name, at, wrong } = result;
  const attributes = { '@_name': xmlText(name, LONGEST_NAME), '@_classname': xmlText(suite, LONGEST_NAME) };
  if (wrong === undefined) return attributes;
  const message = xmlText(wrong.message, LONGEST_MESSAGE);
  const text = `${xmlText(suite, LONGEST_MESSAGE)}:${at.line}:${at.column}: ${message}`;
  if (KINDS[wrong.kind].level === 'warning') return { ...attributes, 'system-out': `warning: ${text}` };
  const said = { '@_type': wrong.kind, '@_message': message, '#text': text };
  return { ...attributes, [isUnchecked(result) ? 'error' : 'failure']: said };
}

function totals(results: readonly Result[]): object {
  const errors = results.filter(isUnchecked).length;
  const wrong = results.filter(({ wrong }) => wrong !== undefined && KINDS[wrong.kind].level === 'error').length;
  return { '@_tests': results.length, '@_failures': wrong - errors, '@_errors': errors };
}

/** A text on one line, of characters that XML can hold (XML 1.0, 2.2). */
function xmlText(text: string, limit: number): string {
  return oneLine(text, limit).replace(/[\ufffe\uffff]/g, '?');
}
