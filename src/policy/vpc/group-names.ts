import type { CompiledAllowlist } from '../compile-allowlist.ts';

/** Whether any rule of an allowlist asks for the names of security groups: then someone must look them up. */
export function asksForGroupNames({ vpcRules }: CompiledAllowlist): boolean {
  return vpcRules.some(({ securityGroupNames }) => securityGroupNames !== undefined);
}
