import { setImmediate as nextTurn } from 'node:timers/promises';

/** How many were under way at once at most, of all that go through `during`. */
export function gauge(): { readonly most: () => number; readonly during: () => Promise<void> } {
  let underWay = 0;
  let most = 0;
  return {
    most: () => most,
    async during() {
      most = Math.max(most, ++underWay);
      for (let turns = 0; turns < 3; turns++) await nextTurn();
      underWay--;
    },
  };
}
