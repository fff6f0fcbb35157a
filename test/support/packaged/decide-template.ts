/** What a stack is given: a value for each parameter, and which of these conditions hold. */
export interface Given {
  readonly parameters: Readonly<Record<string, string>>;
  readonly conditions: Readonly<Record<string, boolean>>;
}

interface Conditional {
  readonly Condition?: string;
}

/**
 * A template as it is where parameters and conditions are given: those are gone from it, and all else stays as it is written, other
 * conditions and functions included.
 */
export function decideTemplate<
  Template extends { readonly Resources: object; readonly Outputs?: object; readonly Conditions?: object },
>({ Resources, Outputs = {}, Conditions = {}, ...template }: Template, { parameters, conditions }: Given): Template {
  const decide = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(decide).filter((one) => one !== undefined);
    if (typeof value !== 'object' || value === null) return value;
    const { Ref, 'Fn::If': choice, 'Fn::Sub': text, 'Fn::Split': split } = value as Record<string, unknown>;
    if (typeof Ref === 'string' && Ref in parameters) return parameters[Ref];
    if (Ref === 'AWS::NoValue') return undefined;
    if (Array.isArray(choice) && choice[0] in conditions) return decide(conditions[choice[0]] ? choice[1] : choice[2]);
    if (Array.isArray(split)) {
      const whole = decide(split[1]);
      // What is not given is one name.
      return typeof whole === 'string' ? whole.split(split[0]) : [whole];
    }
    if (typeof text === 'string') {
      const filled = text.replace(/\$\{(\w+)\}/g, (whole, name) => parameters[name] ?? whole);
      return filled.includes('${') ? { 'Fn::Sub': filled } : text === filled ? value : filled;
    }
    const members = Object.entries(value).map(([key, member]) => [key, decide(member)]);
    return Object.fromEntries(members.filter(([, member]) => member !== undefined));
  };
  const there = (entries: object): object =>
    Object.fromEntries(
      Object.entries(entries as Record<string, Conditional>).flatMap(([id, { Condition, ...entry }]) => {
        if (Condition === undefined || !(Condition in conditions)) return [[id, decide({ ...entry, Condition })]];
        return conditions[Condition] ? [[id, decide(entry)]] : [];
      }),
    );
  const others = Object.entries(Conditions).filter(([name]) => !(name in conditions));
  const { Parameters: _, ...rest } = template as Record<string, unknown>;
  return {
    ...rest,
    Conditions: Object.fromEntries(others),
    Resources: there(Resources),
    Outputs: there(Outputs),
  } as never;
}

/** Which conditions of a template hold where these parameters are given, in a region. Those that ask for something else are left out. */
export function conditionsOf(
  { Conditions = {} }: { readonly Conditions?: Readonly<Record<string, unknown>> },
  { parameters, region }: { readonly parameters: Readonly<Record<string, string>>; readonly region: string },
): Record<string, boolean> {
  const values: Readonly<Record<string, string>> = { ...parameters, 'AWS::Region': region };
  const evaluate = (value: unknown): string | boolean | undefined => {
    if (typeof value === 'string') return value;
    const [[name, operand] = []] = Object.entries(value as object);
    if (name === 'Ref') return values[operand];
    if (name === 'Condition') return evaluate(Conditions[operand]);
    const all: (string | boolean | undefined)[] = operand.map(evaluate);
    if (all.includes(undefined)) return undefined;
    if (name === 'Fn::Equals') return all[0] === all[1];
    if (name === 'Fn::Not') return !all[0];
    if (name === 'Fn::Or') return all.includes(true);
    throw new Error(`${name} in a condition is not known here`);
  };
  return Object.fromEntries(
    Object.entries(Conditions).flatMap(([name, condition]) => {
      const holds = evaluate(condition);
      return holds === undefined ? [] : [[name, holds === true]];
    }),
  );
}
