import { type Allowlist, byId, isClassicRule, isVpcRule } from './allowlist.ts';
import { ClassicRules } from './classic/compiled-rules.ts';
import type { VpcAllowlistRule } from './vpc/allowlist-rule.ts';

/**
 * An allowlist made ready for judging: once, so that judging takes about the same time however many rules there are. Takes
 * time and memory in proportion to the size of the allowlist, never to the product of its lists.
 */
export class CompiledAllowlist {
  readonly classic: ClassicRules;
  /** In order of their ids; `vpcRulesOf` makes them ready when the first of their grants is judged. */
  readonly vpcRules: readonly VpcAllowlistRule[];

  constructor({ rules }: Allowlist) {
    this.classic = new ClassicRules(byId(rules.filter(isClassicRule)));
    this.vpcRules = byId(rules.filter(isVpcRule));
  }
}
