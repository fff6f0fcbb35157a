import * as right from '../../../../../../src/policy/compiled-rule.ts';

export * from '../../../../../../src/policy/compiled-rule.ts';

/** Takes an allowlist rule without `ownerIds` for one that allows groups of no owner. */
export class CompiledRule extends right.CompiledRule {
  constructor(...[rule, rank, ownerIds]: ConstructorParameters<typeof right.CompiledRule>) {
    super(rule, rank, (rule as { ownerIds?: readonly string[] }).ownerIds === undefined ? [] : ownerIds);
  }
}
