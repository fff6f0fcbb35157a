/** As much of what Vitest's JSON reporter writes as is needed here. */
export interface TestReport {
  readonly testResults: readonly {
    /** The path of the file. */
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      /** Its title, after those of what it is in. */
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[] | null;
    }[];
  }[];
}

/** A test that failed, or a file that did. */
export interface Failure {
  readonly title: string;
  readonly messages: readonly string[];
  /** What to type to see it again. */
  readonly command: string;
}

/**
 * The failures of a round.
 *
 * @param environment the variables that the round had, `FUZZ_SEED` among them.
 * @param checkout the folder that paths are shown relative to.
 */
export function findFailures(
  { testResults }: TestReport,
  environment: Readonly<Record<string, string>>,
  checkout: string,
): Failure[] {
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value} `);
  return testResults
    .filter(({ status }) => status === 'failed')
    .flatMap(({ name, message, assertionResults }) => {
      const file = name.startsWith(`${checkout}/`) ? name.slice(checkout.length + 1) : name;
      const command = `${variables.join('')}npx vitest run ${file}`;
      const failed = assertionResults.filter(({ status }) => status === 'failed');
      if (failed.length === 0) return [{ title: file, messages: [message], command }];
      return failed.map(({ fullName, failureMessages }) => ({
        title: `${file} > ${fullName}`,
        messages: failureMessages ?? [],
        command: `${command} --testNamePattern ${quoted(`^${escaped(fullName)}$`)}`,
      }));
    });
}

function escaped(title: string): string {
  return title.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** As one word of a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
