import Builder from 'fast-xml-builder';
import { oneLine } from '../one-line.ts';
import { KINDS, type Result, type Suite } from './results.ts';

/** As long as a name gets that a build server shows in a list. */
const LONGEST_NAME = 300;
const LONGEST_MESSAGE = 1_000;

/**
 * JUnit's XML: a test suite for each file, a test case for each result. What is an error has failed; a warning has passed, and is in
 * the test case's output. No standard says what JUnit's XML is; this is what Jenkins takes (junit-10.xsd of its plugin xunit),
 * and so it has no `file` and `line` at test cases: they are in the text of the failure.
 */
export function toJUnit(suites: readonly Suite[]): string {
  const builder = new Builder({ ignoreAttributes: false, format: true, suppressEmptyNode: true });
  const counted = suites.map((suite) => ({ ...suite, failures: suite.results.filter(isError).length }));
  return builder.build({
    '?xml': { '@_version': '1.0', '@_encoding': 'UTF-8' },
    testsuites: {
      '@_name': 'ingress-guard',
      ...totals(
        counted.flatMap(({ results }) => results).length,
        counted.reduce((sum, { failures }) => sum + failures, 0),
      ),
      testsuite: counted.map(({ file, name, results, failures }) => ({
        '@_name': xmlText(name, LONGEST_NAME),
        ...totals(results.length, failures),
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
  if (!isError(result)) return { ...attributes, 'system-out': `warning: ${text}` };
  return { ...attributes, failure: { '@_type': wrong.kind, '@_message': message, '#text': text } };
}

function isError({ wrong }: Result): boolean {
  return wrong !== undefined && KINDS[wrong.kind].level === 'error';
}

function totals(tests: number, failures: number): object {
  return { '@_tests': tests, '@_failures': failures, '@_errors': 0 };
}

/** A text on one line, of characters that XML can hold (XML 1.0, 2.2). */
function xmlText(text: string, limit: number): string {
  return oneLine(text, limit).replace(/[\ufffe\uffff]/g, '?');
}
