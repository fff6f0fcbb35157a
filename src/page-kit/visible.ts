/**
 * A value from outside, whole, for a page: what cannot be seen (controls, characters that turn the direction of writing,
 * halves of pairs) is shown by its number, so that no name can pass for another.
 */
export function visible(text: string): string {
  return text.replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (hidden) => `\\u{${(hidden.codePointAt(0) as number).toString(16).padStart(4, '0')}}`,
  );
}
