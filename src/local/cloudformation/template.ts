import { intrinsicFunctions, type Resolution } from './intrinsic-functions.ts';

/** A CloudFormation template, as JSON. */
export interface Template {
  readonly Description?: string;
  readonly Parameters?: Readonly<Record<string, { readonly Default?: unknown }>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown; readonly Condition?: string }>>;
}

interface TemplateResource {
  readonly Type: string;
  readonly Condition?: string;
  readonly Properties?: unknown;
}

/** Where a stack is, and what it is given. */
export interface StackPlace {
  readonly stackName: string;
  readonly account: string;
  readonly region: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

/** What other resources of the template see of one: what `Ref` gives, and each attribute. */
export type Names = { readonly Ref: string } & Readonly<Record<string, string>>;

/** A resource that is there, with all functions of CloudFormation resolved. */
export interface ResolvedResource {
  readonly id: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** What a template says, resolved. */
export interface ResolvedTemplate {
  readonly resources: ResolvedResource[];
  readonly outputs: ReadonlyMap<string, string>;
}

/** What `AWS::NoValue` becomes: the property is not there. */
const NO_VALUE = Symbol('AWS::NoValue');

/**
 * Resolves the resources of a template whose condition holds, of the types that are asked for, and its outputs.
 *
 * @param namesOf what a resource is called, before anything is resolved but its own name.
 * @throws if a function, a parameter or a resource is not known here, or a parameter has no value.
 */
export function resolveTemplate(
  template: Template,
  place: StackPlace,
  types: ReadonlySet<string>,
  namesOf: (resource: ResolvedResource) => Names,
): ResolvedTemplate {
  const { Resources, Outputs = {} } = template;
  const { resolve, isTrue } = resolution(template, place, namesOf);
  const isThere = ({ Condition }: { readonly Condition?: string }): boolean =>
    Condition === undefined || isTrue(Condition);
  return {
    resources: Object.entries(Resources)
      .filter(([, resource]) => types.has(resource.Type) && isThere(resource))
      .map(([id, { Type, Properties = {} }]) => ({
        id,
        type: Type,
        properties: resolve(Properties) as Record<string, unknown>,
      })),
    outputs: new Map(
      Object.entries(Outputs)
        .filter(([, output]) => isThere(output))
        .map(([name, { Value }]) => [name, String(resolve(Value))]),
    ),
  };
}

/** How what a template says is resolved. */
function resolution(
  { Parameters = {}, Conditions = {}, Resources }: Template,
  place: StackPlace,
  namesOf: (resource: ResolvedResource) => Names,
): Resolution {
  const pseudo: Readonly<Record<string, unknown>> = {
    'AWS::AccountId': place.account,
    'AWS::NoValue': NO_VALUE,
    'AWS::Partition': 'aws',
    'AWS::Region': place.region,
    'AWS::StackName': place.stackName,
    'AWS::URLSuffix': 'amazonaws.com',
  };
  const functions = intrinsicFunctions({ resolve, refer, attributeOf, isTrue });

  function refer(name: string): unknown {
    if (Object.hasOwn(pseudo, name)) return pseudo[name];
    if (Object.hasOwn(Parameters, name)) {
      const value = place.parameters?.[name] ?? Parameters[name]?.Default;
      if (value === undefined) throw new Error(`the parameter ${name} has no value`);
      return value;
    }
    return attributeOf(name, 'Ref');
  }

  function attributeOf(id: string, attribute: string): string {
    const { Type, Properties } = find(Resources, id, 'resource');
    // Only what names the resource itself: the rest may refer to it in a circle.
    const own = isObject(Properties)
      ? Object.fromEntries(Object.entries(Properties).filter(([key]) => /Name$|^Path$/.test(key)))
      : {};
    const names = namesOf({ id, type: Type, properties: resolve(own) as Record<string, unknown> });
    const value = names[attribute];
    if (value === undefined) throw new Error(`${id} has no ${attribute} that is known here`);
    return value;
  }

  function isTrue(name: string): boolean {
    return Boolean(resolve(find(Conditions, name, 'condition')));
  }

  function resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(resolve).filter((one) => one !== NO_VALUE);
    if (!isObject(value)) return value;
    const [[name = '', operand] = [], ...more] = Object.entries(value);
    if (more.length === 0 && (name === 'Ref' || name.startsWith('Fn::') || isCondition(name, operand))) {
      const apply = functions[name] as ((operand: unknown) => unknown) | undefined;
      if (apply === undefined) throw new Error(`the local CloudFormation does not know ${name}`);
      return apply(operand);
    }
    const members = Object.entries(value).map(([key, member]) => [key, resolve(member)] as const);
    return Object.fromEntries(members.filter(([, member]) => member !== NO_VALUE));
  }

  return { resolve, refer, attributeOf, isTrue };
}

/** A policy has a `Condition` too, which is an object. */
function isCondition(name: string, operand: unknown): boolean {
  return name === 'Condition' && typeof operand === 'string';
}

function find<Value>(all: Readonly<Record<string, Value>>, name: string, kind: string): Value {
  if (Object.hasOwn(all, name)) return all[name] as Value;
  throw new Error(`the template has no ${kind} ${name}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
