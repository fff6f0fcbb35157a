import { posix } from 'node:path';
import { isRemoteAllowlist } from '../../allowlist/allowlist-location.ts';
import { asResults, type Suite } from './results.ts';

/** What build servers read: annotations of GitHub Actions, JUnit's XML, SARIF. */
export const CI_FORMATS = ['github', 'junit', 'sarif'] as const;
export type CiFormat = (typeof CI_FORMATS)[number];

/** Whether a format is one for build servers. */
export function isCiFormat(format: string): format is CiFormat {
  return (CI_FORMATS as readonly string[]).includes(format);
}

/** Results as a build server reads them, with `summary`, one line for people, where the format has room for it. */
export async function formatForCi(format: CiFormat, suites: readonly Suite[], summary: string): Promise<string> {
  switch (format) {
    case 'github':
      return (await import('./github.ts')).toGitHub(suites, summary);
    case 'junit':
      return (await import('./junit.ts')).toJUnit(suites);
    case 'sarif':
      return (await import('./sarif.ts')).toSarif(suites);
  }
}

/**
 * What kept a command from checking anything, as a build server reads it. Many of them read the document alone: one that is empty, or
 * not there, looks like one without mistakes.
 *
 * @param path what could not be read.
 * @param error with a message for people.
 */
export async function formatUnreadable(format: CiFormat, path: string, { message }: Error): Promise<string> {
  const results = asResults('unreadable', [{ line: 1, column: 1, message }]);
  return await formatForCi(format, [{ ...readAt(path), results }], 'Nothing was checked');
}

/**
 * What `check` and `test` read at a path, as a suite names it. GitHub does not know a file of a pull request by `./allowlist.yaml`
 * (crate-ci/typos#1496, adrienverge/yamllint#764).
 */
export function readAt(path: string): Pick<Suite, 'file' | 'name'> {
  if (path === '-') return { file: undefined, name: 'standard input' };
  return { file: isRemoteAllowlist(path) ? undefined : posix.normalize(path), name: path };
}
