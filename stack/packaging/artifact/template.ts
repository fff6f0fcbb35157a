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

/** A condition of a template, and its opposite. */
export interface Choice {
  readonly name: string;
  readonly opposite: string;
  readonly test: unknown;
}

const NO_VALUE = { Ref: 'AWS::NoValue' };

/**
 * One template of two: deployed where the condition holds it is the first, elsewhere the second. The description is that of the second.
 *
 * @throws if they differ in what no condition can decide: a type, a policy of deletion.
 */
export function mergeTemplates(choice: Choice, yes: Template, no: Template): Template {
  return {
    ...no,
    Conditions: {
      ...yes.Conditions,
      ...no.Conditions,
      [choice.name]: choice.test,
      [choice.opposite]: { 'Fn::Not': [{ Condition: choice.name }] },
    },
    Resources: mergeEntries(choice, yes.Resources, no.Resources, (id, one, other) => {
      const { Properties: ofOne, ...rest } = one;
      const { Properties: ofOther, ...others } = other;
      if (!isSame(rest, others)) throw new Error(`${id} differs in more than its properties`);
      return { ...other, Properties: either(choice, ofOne, ofOther) };
    }),
    Outputs: mergeEntries(choice, yes.Outputs ?? {}, no.Outputs ?? {}, (_, one, other) => ({
      ...other,
      Value: either(choice, one.Value, other.Value),
    })),
  };
}

function mergeEntries<Entry extends { readonly Condition?: string }>(
  { name, opposite }: Choice,
  yes: Readonly<Record<string, Entry>>,
  no: Readonly<Record<string, Entry>>,
  merge: (id: string, one: Entry, other: Entry) => Entry,
): Readonly<Record<string, Entry>> {
  const alone = (id: string, entry: Entry, Condition: string): Entry => {
    if (entry.Condition !== undefined) throw new Error(`${id} has a condition already, ${entry.Condition}`);
    return { ...entry, Condition };
  };
  const merged = Object.keys({ ...no, ...yes }).map((id) => {
    const [one, other] = [yes[id], no[id]];
    if (one === undefined) return [id, alone(id, other as Entry, opposite)];
    return [id, other === undefined ? alone(id, one, name) : merge(id, one, other)];
  });
  return Object.fromEntries(merged);
}

/** A value that is the first where the condition holds, elsewhere the second. What both have in common is there once. */
function either(choice: Choice, yes: unknown, no: unknown): unknown {
  if (isSame(yes, no)) return no;
  if (Array.isArray(yes) && Array.isArray(no) && yes.length === no.length) {
    return yes.map((one, index) => either(choice, one, no[index]));
  }
  if (!isPlain(yes) || !isPlain(no)) return { 'Fn::If': [choice.name, yes, no] };
  const members = Object.keys({ ...no, ...yes }).map((key) => [
    key,
    either(choice, key in yes ? yes[key] : NO_VALUE, key in no ? no[key] : NO_VALUE),
  ]);
  return Object.fromEntries(members);
}

/** A mapping that is no function of CloudFormation: what is in it can be decided one by one. */
function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
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
