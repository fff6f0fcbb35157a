/** Lists of rules in which all are that share one thing with a grant. */
export type Shared<Rule> = readonly (readonly Rule[])[];

/** How many rules of one list are looked at for a denied grant, to find the nearest: the first by rank. */
const MOST_OF_A_LIST = 100;

/** The rules, each once, that share with a grant what the fewest rules share. */
export function rarest<Rule>(shared: readonly Shared<Rule>[]): Iterable<Rule> {
  const [first = [], ...others] = shared.reduce((a, b) => (sizeOf(a) <= sizeOf(b) ? a : b));
  return others.length === 0 ? first : new Set([first, ...others].flat());
}

function sizeOf(lists: Shared<unknown>): number {
  return lists.reduce((sum, list) => sum + list.length, 0);
}

/** The first of some rules by id: a choice that no file can change. */
export function firstByRank<Rule extends { readonly rank: number }>(rules: readonly Rule[]): Rule | undefined {
  return rules.reduce<Rule | undefined>((first, rule) => (first && first.rank <= rule.rank ? first : rule), undefined);
}

/** Some of the rules that share anything with a grant, each once, if they are near. */
export function few<Rule>(shared: readonly Shared<Rule>[], isNear: (rule: Rule) => boolean): Iterable<Rule> {
  const found = new Set<Rule>();
  for (const lists of shared) {
    for (const list of lists) for (const rule of list.slice(0, MOST_OF_A_LIST)) if (isNear(rule)) found.add(rule);
  }
  return found;
}
