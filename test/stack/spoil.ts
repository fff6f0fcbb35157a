import { expect, test } from 'vitest';
import type { Template } from './template.ts';

/** Breaks a template. */
export type Spoil = (resources: Template['Resources']) => void;

/** Sets what is at a path below the properties of a resource; nothing takes it away. */
export const set =
  (id: string, path: string, value: unknown): Spoil =>
  (resources) => {
    const keys = path.split('.');
    const last = keys.pop() as string;
    const parent = keys.reduce((at, key) => at[key], resources[id]?.Properties);
    if (value === undefined) delete parent[last];
    else parent[last] = value;
  };

export const remove =
  (id: string): Spoil =>
  (resources) => {
    expect(resources).toHaveProperty(id);
    delete resources[id];
  };

/** A rule, what breaks it, and how. */
export type Breach = [rule: string, spoil: Spoil, how: string];

/** A rule that cannot be broken proves nothing: each is, in the ways that matter. */
export function testBreaches(
  rules: Readonly<Record<string, (template: Template) => string[]>>,
  breaches: readonly Breach[],
  template: () => Template,
): void {
  test.each(breaches)('"%s" is broken by %3$s', (rule, spoil) => {
    const spoilt = structuredClone(template());
    spoil(spoilt.Resources);

    expect(rules[rule]?.(template())).toEqual([]);
    expect(rules[rule]?.(spoilt)).not.toEqual([]);
  });

  test('every rule is broken here', () => {
    expect(new Set(breaches.map(([rule]) => rule))).toEqual(new Set(Object.keys(rules)));
  });
}
