import { ApiError } from '../api-error.ts';
import { shown } from '../shown.ts';

/** Whether a line is one that a filter pattern looks for. */
export type LineMatcher = (message: string) => boolean;

const COMPARISON = /^\$\.([\w.]+) = "([^"\\]*)"$/;

/**
 * Reads a filter pattern of CloudWatch Logs, of the two kinds that are used here: a phrase in quotation marks, and JSON whose members
 * have certain texts, `{ $.message = "decision" && ($.outcome = "held" || $.outcome = "failed") }`.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 *
 * @throws {ApiError} InvalidParameterException for any other.
 */
export function readFilterPattern(pattern: string): LineMatcher {
  if (pattern === '') return () => true;
  const [, phrase] = /^"([^"\\]+)"$/.exec(pattern) ?? [];
  if (phrase !== undefined) return (message) => message.includes(phrase);
  const [, inside] = /^\{ (.+) \}$/.exec(pattern) ?? [];
  if (inside === undefined) throw unknownPattern(pattern);
  const all = inside.split(' && ').map((part) => {
    const [, either = part] = /^\((.+)\)$/.exec(part) ?? [];
    return either.split(' || ').map((comparison) => {
      const [, path, text] = COMPARISON.exec(comparison) ?? [];
      if (path === undefined) throw unknownPattern(pattern);
      return { path: path.split('.'), text };
    });
  });
  return (message) => {
    const line = readJson(message);
    return all.every((either) => either.some(({ path, text }) => valueAt(line, path) === text));
  };
}

function unknownPattern(pattern: string): ApiError {
  return new ApiError('InvalidParameterException', `The local AWS does not know the filter pattern ${shown(pattern)}.`);
}

function valueAt(line: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<string, unknown> | null | undefined)?.[key], line);
}

function readJson(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}
