import type { Operation } from '../../operation.ts';
import type { Parameters } from '../../parameters.ts';
import type { Finding } from '../finding.ts';
import { invalidInput, readMember, readSecurityHub } from '../read-hub.ts';

/** The filters that are here, each of a text of the finding. */
const FILTERS = ['ProductArn', 'AwsAccountId', 'Id', 'GeneratorId', 'Region', 'RecordState'];
/** Documented: up to 10 attributes, and 20 values for each. */
const MOST_VALUES = 20;
const MOST_RESULTS = 100;
/** So many there are if nothing is asked. Inferred. */
const USUAL_RESULTS = 100;

/** Documented: a finding must fit all attributes, and of each attribute one of the values that are compared by EQUALS or PREFIX. */
export const getFindings: Operation = {
  parameters: ['Filters', 'SortCriteria', 'NextToken', 'MaxResults'],
  readOnly: true,
  resourceOf: (_parameters, { securityHub }) => securityHub.arn,
  run(parameters, region) {
    const hub = readSecurityHub(region);
    const fits = readFilters(parameters);
    const most = readMember(parameters, 'MaxResults') ?? USUAL_RESULTS;
    if (typeof most !== 'number' || !Number.isInteger(most) || most < 1 || most > MOST_RESULTS) {
      throw invalidInput(`Invalid parameter 'MaxResults'. data.MaxResults should be from 1 to ${MOST_RESULTS}`);
    }
    const from = readToken(readMember(parameters, 'NextToken'));
    const found = hub.list().filter(fits);
    const Findings = found.slice(from, from + most);
    return { Findings, ...(from + most < found.length && { NextToken: tokenOf(from + most) }) };
  },
};

type Fits = (finding: Finding) => boolean;

function readFilters(parameters: Parameters): Fits {
  const filters = Object.entries((readMember(parameters, 'Filters') ?? {}) as Record<string, unknown>);
  const compiled = filters.map(([name, values]): Fits => {
    if (!FILTERS.includes(name)) {
      throw invalidInput(`The local AWS has no filter ${name}: it has ${FILTERS.join(', ')}.`);
    }
    if (!Array.isArray(values) || values.length > MOST_VALUES) {
      throw invalidInput(`Invalid parameter 'Filters'. data.Filters.${name} should have at most ${MOST_VALUES} items`);
    }
    const tests = values.map(({ Value, Comparison }: { Value?: string; Comparison?: string }) => {
      if (Comparison === 'EQUALS') return (text: string) => text === Value;
      if (Comparison === 'PREFIX') return (text: string) => text.startsWith(String(Value));
      throw invalidInput(`The local AWS compares by EQUALS and PREFIX, and not by ${String(Comparison)}.`);
    });
    return (finding) => tests.length === 0 || tests.some((passes) => passes(String(finding[name])));
  });
  return (finding) => compiled.every((fits) => fits(finding));
}

/** To a caller a token is opaque; to us it is where the next page begins. */
function tokenOf(from: number): string {
  return Buffer.from(`from:${from}`).toString('base64');
}

function readToken(token: unknown): number {
  if (token === undefined || token === null) return 0;
  const [, from] = /^from:(\d{1,9})$/.exec(Buffer.from(String(token), 'base64').toString()) ?? [];
  if (from === undefined) throw invalidInput('The NextToken is not one that a previous call answered with.');
  return Number(from);
}
