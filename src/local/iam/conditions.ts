import { compileWildcard } from '../wildcard.ts';

/** What is known of a call, by the names of IAM's condition keys in lower case. A key that is not there is not known of the call. */
export type Context = ReadonlyMap<string, string | readonly string[]>;

/** The `Condition` of a statement: by operator, by key, what the key must be. */
export type Condition = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The condition keys that the local AWS knows of a call, or knows not to be of one. */
const KEYS = new Set(
  [
    'aws:PrincipalAccount',
    'aws:PrincipalArn',
    'aws:PrincipalOrgID',
    'aws:PrincipalOrgPaths',
    'aws:RequestedRegion',
    'aws:ResourceAccount',
    'aws:ResourceOrgID',
    'aws:SourceAccount',
    'aws:SourceArn',
    'events:detail-type',
    'events:source',
    'sts:ExternalId',
    'sts:RoleSessionName',
  ].map((key) => key.toLowerCase()),
);

/** How one value of a call is compared with one of the condition. */
const COMPARISONS: Readonly<Record<string, (expected: string) => (value: string) => boolean>> = {
  StringEquals: (expected) => (value) => value === expected,
  StringEqualsIgnoreCase: (expected) => (value) => value.toLowerCase() === expected.toLowerCase(),
  StringLike: compileWildcard,
  ArnEquals: compileArn,
  ArnLike: compileArn,
};

/**
 * Compiles the conditions of a statement: all must hold. Of several values of one key any will do, of none of a negated operator.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 *
 * @throws if an operator or a key is not known here.
 */
export function compileConditions(conditions: Condition): (question: { readonly context: Context }) => boolean {
  const compiled = Object.entries(conditions).flatMap(([operator, keys]) => {
    const test = compileOperator(operator);
    return Object.entries(keys).map(([key, expected]) => {
      if (!KEYS.has(key.toLowerCase())) throw new Error(`the condition key ${key} is not known here`);
      const passes = test([expected].flat().map(String));
      return (context: Context) => passes(context.get(key.toLowerCase()));
    });
  });
  return ({ context }) => compiled.every((passes) => passes(context));
}

type Value = string | readonly string[] | undefined;

/** `StringLike`, and as `ForAnyValue:StringLike`, `ForAllValues:StringLike`, `StringNotLike` and `StringLikeIfExists`. */
function compileOperator(written: string): (expected: readonly string[]) => (value: Value) => boolean {
  const [, set, name = '', ifExists] = /^(ForAnyValue:|ForAllValues:)?(\w+?)(IfExists)?$/.exec(written) ?? [];
  if (name === 'Null') {
    return ([isNull]) =>
      (value) =>
        (value === undefined) === (isNull === 'true');
  }
  const isNegated = name.includes('Not');
  const positive = name.replace('Not', '');
  const compare = Object.hasOwn(COMPARISONS, positive) ? COMPARISONS[positive] : undefined;
  if (compare === undefined) throw new Error(`the condition operator ${written} is not known here`);
  const isOfAll = set === 'ForAllValues:';
  // Documented: a negated operator passes, and any other fails, if the key is not there. ForAllValues passes as well.
  const whenMissing = ifExists !== undefined || isNegated || isOfAll;
  return (expected) => {
    const tests = expected.map(compare);
    const fits = (one: string) => tests.some((passes) => passes(one)) !== isNegated;
    return (value) => {
      if (value === undefined) return whenMissing;
      const values = [value].flat();
      return isOfAll || isNegated ? values.every(fits) : values.some(fits);
    };
  };
}

/** Documented: each of the six parts of an ARN is compared alone, so that a `*` in one reaches into no other. */
function compileArn(pattern: string): (value: string) => boolean {
  const parts = partsOf(pattern).map(compileWildcard);
  return (value) => {
    const written = partsOf(value);
    return written.length === parts.length && parts.every((matches, i) => matches(written[i] as string));
  };
}

function partsOf(arn: string): string[] {
  const [arnWord = '', partition = '', service = '', region = '', account = '', ...resource] = arn.split(':');
  return [arnWord, partition, service, region, account, resource.join(':')];
}
