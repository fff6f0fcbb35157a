import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Log, Result as SarifResult } from 'sarif';
import { VERSION } from '../../report/version.ts';
import { oneLine } from '../one-line.ts';
import { isUnchecked, KINDS, type Kind, type Suite } from './results.ts';

const LONGEST_MESSAGE = 1_000;
const RULES = Object.keys(KINDS) as Kind[];

/**
 * A SARIF 2.1.0 log, on one line, of all that is wrong (OASIS, "Static Analysis Results Interchange Format Version 2.1.0"). Paths that
 * are not absolute stay relative to where the command runs: code scanning takes them as relative to the top of the repository.
 */
export function toSarif(suites: readonly Suite[]): string {
  const log: Log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Ingress Guard',
            semanticVersion: VERSION,
            rules: RULES.map((id) => ({
              id,
              shortDescription: { text: KINDS[id].description },
              defaultConfiguration: { level: KINDS[id].level },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        // What could not be checked is a result too: code scanning does not read this.
        invocations: [{ executionSuccessful: !suites.some(({ results }) => results.some(isUnchecked)) }],
        results: suites.flatMap(toResults),
      },
    ],
  };
  return `${JSON.stringify(log)}\n`;
}

function toResults({ file, name, results }: Suite): SarifResult[] {
  return results.flatMap(({ at: { line, column }, wrong }) => {
    if (wrong === undefined) return [];
    const { kind, message } = wrong;
    const shared = { ruleId: kind, ruleIndex: RULES.indexOf(kind), level: KINDS[kind].level };
    const text = literal(oneLine(message, LONGEST_MESSAGE));
    if (file === undefined) return { ...shared, message: { text: `${literal(name)}:${line}:${column}: ${text}` } };
    const region = { startLine: line, startColumn: column };
    return {
      ...shared,
      message: { text },
      locations: [{ physicalLocation: { artifactLocation: { uri: toUri(file) }, region } }],
    };
  });
}

/**
 * A text in which nothing is a link or a placeholder (SARIF 2.1.0, 3.11.5 and 3.11.6). The standard's own escapes would be seen where a
 * reader does not know them; a space is no more than a space.
 */
function literal(text: string): string {
  return text.replaceAll('](', '] (').replace(/\{(?=\d)/g, '{ ');
}

function toUri(file: string): string {
  if (isAbsolute(file)) return pathToFileURL(file).href;
  return file.replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/');
}
