import * as right from '../../../../../../../src/policy/vpc/range-index.ts';

/** Asks more rules, so that it is `isInside` that decides. */
export class RangeIndex<Item> extends right.RangeIndex<Item> {
  override holding(range: Parameters<right.RangeIndex<Item>['holding']>[0]) {
    return [...super.holding(range), ...super.near(range)];
  }
}
