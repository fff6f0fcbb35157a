/** A CloudFormation template, as `serverless package` makes it. */
export interface Template {
  readonly AWSTemplateFormatVersion?: string;
  readonly Description?: string;
  readonly Parameters?: Readonly<Record<string, object>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, Output>>;
}
export interface Resource {
  readonly Type: string;
  readonly Condition?: string;
  readonly Properties?: unknown;
}
interface Output {
  readonly Condition?: string;
  readonly Value: unknown;
}

/** What there is where a condition does not hold, by the name of the condition. */
type Without<Value> = readonly (readonly [condition: string, value: Value])[];

const NO_VALUE = { Ref: 'AWS::NoValue' };

/**
 * One template of several: the full one where every condition holds. Where one does not hold, what differs is as in its template. The
 * conditions themselves are not added.
 *
 * @param without for each condition, the template where it alone does not hold.
 * @throws if a template differs in what no condition can decide (a type, a policy of deletion), if it has a resource that the full one
 *   lacks, or if one value depends on several conditions.
 */
export function mergeTemplates(full: Template, without: ReadonlyMap<string, Template>): Template {
  const others = [...without];
  const resources = others.map(([condition, { Resources }]) => [condition, Resources] as const);
  const outputs = others.map(([condition, { Outputs = {} }]) => [condition, Outputs] as const);
  return {
    ...full,
    Resources: mergeEntries('Properties', full.Resources, resources),
    Outputs: mergeEntries('Value', full.Outputs ?? {}, outputs),
  };
}

/** Resources or outputs. In what is under `key` they may differ, and in nothing else. */
function mergeEntries<Entry extends { readonly Condition?: string }>(
  key: keyof Entry & string,
  full: Readonly<Record<string, Entry>>,
  without: Without<Readonly<Record<string, Entry>>>,
): Readonly<Record<string, Entry>> {
  for (const [condition, entries] of without) {
    const more = Object.keys(entries).filter((id) => !Object.hasOwn(full, id));
    if (more.length > 0) throw new Error(`${more.join(', ')}: only there where ${condition} does not hold`);
  }
  const mergeEntry = (id: string, entry: Entry): Entry => {
    const lacking = without.flatMap(([condition, entries]) => (Object.hasOwn(entries, id) ? [] : [condition]));
    const others = without.flatMap(([condition, { [id]: other }]) =>
      other === undefined ? [] : [[condition, other] as const],
    );
    const { [key]: value, ...rest } = entry;
    for (const [, { [key]: _, ...ofOther }] of others) {
      if (!isSame(rest, ofOther)) throw new Error(`${id} differs in more than its ${key}`);
    }
    const values = others.map(([condition, other]) => [condition, other[key]] as const);
    const Condition = [...(entry.Condition === undefined ? [] : [entry.Condition]), ...lacking];
    if (lacking.length > 0 && Condition.length > 1) throw new Error(`${id} depends on ${Condition.join(' and ')}`);
    return {
      ...entry,
      [key]: merge(id, value, values),
      ...(Condition[0] !== undefined && { Condition: Condition[0] }),
    };
  };
  return Object.fromEntries(Object.entries(full).map(([id, entry]) => [id, mergeEntry(id, entry)]));
}

/** A value that is the full one where every condition holds. What all have in common is there once. `where` is for errors. */
function merge(where: string, full: unknown, without: Without<unknown>): unknown {
  const others = without.filter(([, value]) => !isSame(value, full));
  const [first, ...more] = others;
  if (first === undefined) return full;
  if (Array.isArray(full)) {
    const lists = others.map(([condition, value]) => [condition, align(full, value)] as const);
    if (lists.every((one): one is readonly [string, unknown[]] => one[1] !== undefined)) {
      return full.map((element, at) =>
        merge(
          `${where}[${at}]`,
          element,
          lists.map(([condition, list]) => [condition, list[at]]),
        ),
      );
    }
  }
  if (isPlain(full) && others.every((one): one is readonly [string, Plain] => isPlain(one[1]))) {
    const at = (value: Plain, key: string) => (Object.hasOwn(value, key) ? value[key] : NO_VALUE);
    const keys = Object.keys(Object.assign({}, full, ...others.map(([, value]) => value)));
    const members = keys.map((key) => [
      key,
      merge(
        `${where}.${key}`,
        at(full, key),
        others.map(([condition, value]) => [condition, at(value, key)]),
      ),
    ]);
    return Object.fromEntries(members);
  }
  if (more.length > 0) throw new Error(`${where} depends on ${others.map(([condition]) => condition).join(' and ')}`);
  const [condition, value] = first;
  return { 'Fn::If': [condition, full, value] };
}

/**
 * The elements of a list at the places that they have in the full one, no value for each that it lacks; undefined if it is no list, or
 * has others. CloudFormation leaves out an element that has no value, in policies too (seen in public templates: cfn-lint issue 329).
 */
function align(full: readonly unknown[], list: unknown): readonly unknown[] | undefined {
  if (!Array.isArray(list)) return undefined;
  if (list.length === full.length) return list;
  let next = 0;
  const aligned = full.map((element) => (next < list.length && isSame(list[next], element) ? list[next++] : NO_VALUE));
  return next === list.length ? aligned : undefined;
}

type Plain = Readonly<Record<string, unknown>>;

/** A mapping that is no function of CloudFormation: what is in it can be decided one by one. */
function isPlain(value: unknown): value is Plain {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return !Object.keys(value).some((key) => key === 'Ref' || key.startsWith('Fn::'));
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** A template in which a parameter stands wherever `written` stood, also as a part of a text. */
export function withParameter<Value>(value: Value, written: string, parameter: string): Value {
  const reference = `\${${parameter}}`;
  const replace = (one: unknown): unknown => {
    if (one === written) return { Ref: parameter };
    if (typeof one === 'string') {
      return one.includes(written) ? { 'Fn::Sub': one.replaceAll(written, reference) } : one;
    }
    if (Array.isArray(one)) return one.map(replace);
    if (typeof one !== 'object' || one === null) return one;
    return Object.fromEntries(
      Object.entries(one).map(([key, member]) => [
        key,
        key === 'Fn::Sub' && typeof member === 'string' ? member.replaceAll(written, reference) : replace(member),
      ]),
    );
  };
  return replace(value) as Value;
}

/** A template in which `value` stands wherever `written` stood as a whole. */
export function withValue<Value>(template: Value, written: unknown, value: unknown): Value {
  const replace = (one: unknown): unknown => {
    if (isSame(one, written)) return value;
    if (Array.isArray(one)) return one.map(replace);
    if (typeof one !== 'object' || one === null) return one;
    return Object.fromEntries(Object.entries(one).map(([key, member]) => [key, replace(member)]));
  };
  return replace(template) as Value;
}
