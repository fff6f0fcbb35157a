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

/** A text, or what comes before the first byte that is not valid in its encoding. */
export interface DecodedStrictly {
  readonly text: string;
  readonly isValid: boolean;
  readonly encoding: ReturnType<typeof encodingOf>;
}

/** The text in these bytes, without a byte order mark, as far as they are valid. */
export function decodeStrictly(bytes: Uint8Array): DecodedStrictly {
  const encoding = encodingOf(bytes);
  const decode = (stream: boolean, end = bytes.length): string =>
    new TextDecoder(encoding, { fatal: true }).decode(bytes.subarray(0, end), { stream });
  try {
    return { text: decode(false), isValid: true, encoding };
  } catch {
    // Halves what is left: the first `valid` bytes are valid, or begin a character; among the first `invalid` is one that is not.
    let [valid, invalid] = [0, bytes.length + 1];
    while (invalid - valid > 1) {
      const middle = Math.floor((valid + invalid) / 2);
      if (isDecoded(() => decode(true, middle))) valid = middle;
      else invalid = middle;
    }
    return { text: decode(true, valid), isValid: false, encoding };
  }
}

function isDecoded(decode: () => string): boolean {
  try {
    decode();
    return true;
  } catch {
    return false;
  }
}
