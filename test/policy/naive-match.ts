/**
 * What a name pattern means, written as plainly as can be: tries every length for every star, so it is only for short
 * patterns. The matcher that is shipped is held to agree with it.
 */
export function naiveMatch(pattern: string, name: string): boolean {
  const [head, ...tail] = pattern;
  const rest = tail.join('');
  switch (head) {
    case undefined:
      return name === '';
    case '*':
      return naiveMatch(rest, name) || (name !== '' && naiveMatch(pattern, name.slice(1)));
    case '?':
      return name !== '' && naiveMatch(rest, name.slice(1));
    case '\\':
      return name !== '' && name[0] === tail[0] && naiveMatch(rest.slice(1), name.slice(1));
    default:
      return name !== '' && name[0] === head && naiveMatch(rest, name.slice(1));
  }
}
