/** A caller's text for a message: cut, and without what XML or a terminal could not bear. */
export function shown(text: string | undefined): string {
  if (text === undefined) return '(none)';
  return text.slice(0, 64).replace(/[^ -~]/g, '?') + (text.length > 64 ? '...' : '');
}
