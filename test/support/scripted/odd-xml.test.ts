import fc from 'fast-check';
import { expect, test } from 'vitest';
import { times } from '../tools/fuzz.ts';
import { oddElements, toXml } from './odd-xml.ts';

test('an element holds only text that is the same after UTF-8, the encoding of an answer', () => {
  const elements = oddElements({ description: fc.constant('for a test') });

  fc.assert(
    fc.property(elements.map(toXml), (xml) => {
      expect(Buffer.from(xml).toString()).toBe(xml);
    }),
    times(5_000),
  );
});
