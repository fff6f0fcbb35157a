/**
 * Compiles a pattern in which `*` stands for any run of characters and `?` for any one, as filters of EC2 and policies of IAM have
 * them. It finds the parts one after another, each as early as it can be; so the time stays small whatever the pattern is.
 */
export function compileWildcard(pattern: string): (value: string) => boolean {
  if (!/[*?]/.test(pattern)) return (value) => value === pattern;
  const parts = pattern.replace(/\*+/g, '*').split('*');
  return (value) => matchesParts(value, parts);
}

function matchesParts(value: string, [first = '', ...others]: readonly string[]): boolean {
  const last = others.pop();
  if (last === undefined) return value.length === first.length && hasAt(value, first, 0);
  if (!hasAt(value, first, 0)) return false;
  let from = first.length;
  for (const part of others) {
    while (from + part.length <= value.length && !hasAt(value, part, from)) from++;
    from += part.length;
  }
  const end = value.length - last.length;
  return end >= from && hasAt(value, last, end);
}

function hasAt(value: string, part: string, at: number): boolean {
  if (at + part.length > value.length) return false;
  return Array.from(part, (_, i) => part[i] === '?' || part[i] === value[at + i]).every(Boolean);
}
