import * as right from '../../../../../../src/enforcement/act.ts';
import type { Revocable } from '../../../../../../src/enforcement/look/revocable.ts';
import type { SecurityGroupRule } from '../../../../../../src/policy/vpc/security-group-rule.ts';

export * from '../../../../../../src/enforcement/act.ts';

type Ports = Parameters<typeof right.act>[1];

/** Right before a revocation, does not see that the ports of a rule were edited. */
export const act = (one: Revocable, ports: Ports, how: Parameters<typeof right.act>[2]) =>
  right.act(one, one.kind === 'vpc' ? withPortsOf(one.rule, ports) : ports, how);

function withPortsOf({ fromPort = 0, toPort = 0 }: SecurityGroupRule, ports: Ports): Ports {
  return {
    ...ports,
    async *listRules(securityGroupIds) {
      for await (const page of ports.listRules(securityGroupIds)) {
        yield page.map((listed) => (listed.rule ? { rule: { ...listed.rule, fromPort, toPort } } : listed));
      }
    },
  };
}
