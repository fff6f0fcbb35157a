import type { AccountPaths } from './account-paths.ts';
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
  /** What is known of the accounts' organizational units: what rules with `organizationalUnits` are judged by. */
  readonly accountPaths: AccountPaths = new Map();

  constructor({ rules }: Allowlist) {
    this.classic = new ClassicRules(byId(rules.filter(isClassicRule)));
    this.vpcRules = byId(rules.filter(isVpcRule));
  }

  /** The same allowlist for what is known of these accounts, and of no others. Shares all that is made ready. */
  withAccountPaths(accountPaths: AccountPaths): CompiledAllowlist {
    return Object.assign(Object.create(CompiledAllowlist.prototype), this, { accountPaths });
  }

  /** Whether any rule asks for the organizational units of accounts: only then need anyone look them up. */
  get asksForAccountPaths(): boolean {
    const { rules } = this.classic;
    return (
      rules.some(({ asksForUnits }) => asksForUnits) ||
      this.vpcRules.some(({ organizationalUnits }) => organizationalUnits !== undefined)
    );
  }
}
