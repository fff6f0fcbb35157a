/** Control characters, ends of lines, halves of characters, and what turns the writing around. */
const UNSHOWABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * What someone wrote, for a terminal: on one line, cut after `limit` characters, with `?` for what is no sign to look at.
 * Letters of every alphabet stay: these are texts for people, where `printable` is for the names of AWS.
 */
export function oneLine(text: string, limit: number): string {
  const shown = text.replace(UNSHOWABLE, '?');
  return shown.length > limit ? `${shown.slice(0, limit).toWellFormed()}...` : shown;
}

/** Whether a text is what `oneLine` makes of it. */
export function isOneLine(text: string, limit: number): boolean {
  return oneLine(text, limit) === text;
}
