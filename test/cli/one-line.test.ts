import { expect, test } from 'vitest';
import { oneLine } from '../../src/cli/one-line.ts';

/** Every character with the property Bidi_Control (Unicode Standard Annex #9, 2.7). */
const BIDI_CONTROLS = [0x61c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069];

test.each(BIDI_CONTROLS.map((code) => [code.toString(16)]))(
  'U+%s, which turns the writing around, is shown as ?',
  (code) => {
    expect(oneLine(`a${String.fromCodePoint(Number.parseInt(code, 16))}b`, 10)).toBe('a?b');
  },
);

test('letters that are written from right to left stay', () => {
  expect(oneLine('\u0634\u0643\u0631\u0627', 10)).toBe('\u0634\u0643\u0631\u0627');
});
