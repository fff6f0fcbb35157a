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
    const { Ref, 'Fn::If': choice, 'Fn::Sub': text } = value as Record<string, unknown>;
    if (typeof Ref === 'string' && Ref in parameters) return parameters[Ref];
    if (Ref === 'AWS::NoValue') return undefined;
    if (Array.isArray(choice) && choice[0] in conditions) return decide(conditions[choice[0]] ? choice[1] : choice[2]);
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
