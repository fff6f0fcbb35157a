/** What is asked of a template while it is resolved. */
export interface Resolution {
  /** A value with all functions in it resolved. */
  readonly resolve: (value: unknown) => unknown;
  /** What `Ref` gives: of a parameter, a pseudo parameter or a resource. */
  readonly refer: (name: string) => unknown;
  readonly attributeOf: (id: string, attribute: string) => string;
  readonly isTrue: (condition: string) => boolean;
}

/**
 * CloudFormation's functions that are known here, by name. Each gets its operand as the template has it.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */
export function intrinsicFunctions({
  resolve,
  refer,
  attributeOf,
  isTrue,
}: Resolution): Readonly<Record<string, (operand: never) => unknown>> {
  return {
    Ref: refer,
    Condition: isTrue,
    'Fn::GetAtt': (operand: string | readonly [string, string]) => {
      const [id = '', ...attribute] = typeof operand === 'string' ? operand.split('.') : operand;
      return attributeOf(id, attribute.join('.'));
    },
    'Fn::Sub': (operand: string | readonly [string, Readonly<Record<string, unknown>>]) => {
      const [text, own = {}] = typeof operand === 'string' ? [operand] : operand;
      return text.replace(/\$\{(!?)([\w:.]+)\}/g, (_, literal: string, name: string) => {
        if (literal) return `\${${name}}`;
        if (Object.hasOwn(own, name)) return String(resolve(own[name]));
        const [id = '', ...attribute] = name.split('.');
        return String(attribute.length > 0 ? attributeOf(id, attribute.join('.')) : refer(name));
      });
    },
    'Fn::Join': ([separator, parts]: readonly [string, unknown]) => (resolve(parts) as unknown[]).join(separator),
    'Fn::Split': ([separator, text]: readonly [string, unknown]) => String(resolve(text)).split(separator),
    'Fn::Equals': ([one, other]: readonly [unknown, unknown]) => resolve(one) === resolve(other),
    'Fn::Not': ([one]: readonly [unknown]) => !resolve(one),
    'Fn::And': (all: readonly unknown[]) => all.every(resolve),
    'Fn::Or': (all: readonly unknown[]) => all.some(resolve),
    'Fn::If': ([condition, yes, no]: readonly [string, unknown, unknown]) => resolve(isTrue(condition) ? yes : no),
  };
}
