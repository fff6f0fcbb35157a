/** Who gets access by a rule: one of four kinds. */
export type Source =
  | { readonly cidrIpv4: string }
  | { readonly cidrIpv6: string }
  | { readonly prefixListId: string }
  | { readonly referencedGroupId: string; readonly userId: string };

/** What a rule says. Ports are −1 where a protocol has none, and for every protocol. */
export interface RuleProperties {
  /** `tcp`, `udp`, `icmp`, `icmpv6`, `-1` for all, or the number of another protocol. */
  readonly ipProtocol: string;
  readonly fromPort: number;
  readonly toPort: number;
  readonly source: Source;
  readonly description?: string;
}

/** The same for two rules with the same source. */
export function sayingOf({ ipProtocol, fromPort, toPort, source }: RuleProperties): string {
  return JSON.stringify([ipProtocol, fromPort, toPort, source]);
}
