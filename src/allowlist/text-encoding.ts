/**
 * How a text is encoded, by its first two bytes. Windows PowerShell writes what `>` redirects as UTF-16 (about_Character_Encoding).
 * Without a byte order mark it is known by the zero next to its first character: allowlists and JSON begin in ASCII.
 */
export function encodingOf([first, second]: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (first === undefined || second === undefined) return 'utf-8';
  if ((first === 0xff && second === 0xfe) || (first > 0 && second === 0)) return 'utf-16le';
  return (first === 0xfe && second === 0xff) || (first === 0 && second > 0) ? 'utf-16be' : 'utf-8';
}

/** The text in these bytes, without a byte order mark. What is not valid becomes U+FFFD. */
export function decodeText(bytes: Uint8Array): string {
  return new TextDecoder(encodingOf(bytes)).decode(bytes);
}
