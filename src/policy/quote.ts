/**
 * A value from outside, for a person to read in a message: on one line, without control or invisible characters, cut
 * after 64 characters. Values of events are hostile; none is ever echoed whole.
 */
export function quote(value: unknown): string {
  if (value === undefined || value === null) return `(${value})`;
  if (typeof value !== 'string') return `(${typeof value === 'object' ? 'an' : 'a'} ${typeof value})`;
  const shown = printable(value, 64);
  return `\`${shown.includes('`') ? shown.replaceAll('`', '?') : shown}\``;
}

/** `text` cut after `limit` characters, with everything outside printable ASCII shown as `?`. */
export function printable(text: string, limit: number): string {
  const cut = text.length > limit ? `${text.slice(0, limit)}...` : text;
  return /[^ -~]/.test(cut) ? cut.replace(/[^ -~]/g, '?') : cut;
}
