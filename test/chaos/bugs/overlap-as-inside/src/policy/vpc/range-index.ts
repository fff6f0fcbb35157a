import * as right from '../../../../../../../src/policy/vpc/range-index.ts';

/** Finds rules whose ranges overlap with the one that is asked for, besides those that hold it. */
export class RangeIndex<Item> extends right.RangeIndex<Item> {
  override holding(range: Parameters<right.RangeIndex<Item>['holding']>[0]) {
    return [...super.holding(range), ...super.near(range)];
  }
}
