import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';

/** OASIS' schema of SARIF 2.1.0, as Microsoft's SARIF SDK ships it. */
const FILE = 'node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json';

// It is of JSON Schema's draft 4, of which it uses nothing that later drafts mean otherwise.
const { $schema: _, id: __, ...schema } = JSON.parse(readFileSync(FILE, 'utf8'));
const FORMATS = { uri: isUri, 'uri-reference': isUriReference, 'date-time': true } as const;
const validate = new Ajv({ strict: false, unicodeRegExp: false, allErrors: true, formats: FORMATS }).compile(schema);

/** What of a log is not as the schema says, each in a line. */
export function validateSarif(log: unknown): string[] {
  validate(log);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

function isUri(text: string): boolean {
  return URL.canParse(text);
}

function isUriReference(text: string): boolean {
  return URL.canParse(text, 'file:///') && /^[\w\-.~:/?#[\]@!$&'()*+,;=%]*$/.test(text);
}
