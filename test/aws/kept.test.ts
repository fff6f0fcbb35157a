import { expect, test } from 'vitest';
import { keptByPlace } from '../../src/aws/kept.ts';

/** The keys of the places for which something was made, in order, and what gives it. */
function keeping() {
  const made: string[] = [];
  const keptAt = keptByPlace({}, async ({ region }) => {
    made.push(region);
    return { region, client: { destroy() {} } };
  });
  return { made, at: (n: number) => keptAt({ account: '111122223333', region: `region-${n}` }) };
}

test('what is kept for a place is made once, for as many places as the largest partition has regions', async () => {
  const { made, at } = keeping();

  for (const _ of [1, 2]) for (let n = 0; n < 40; n++) expect(await at(n)).toMatchObject({ region: `region-${n}` });

  expect(made).toHaveLength(40);
});

test('what is kept is bounded: of thousands of places, it is kept for those that were asked last', async () => {
  const { made, at } = keeping();
  for (let n = 0; n < 8_500; n++) {
    await at(n);
    await at(0);
  }
  const before = made.length;

  for (let n = 8_499; n > 8_401; n--) await at(n);
  await at(0);
  expect(made).toHaveLength(before);

  await at(1);
  expect(made).toHaveLength(before + 1);
});
