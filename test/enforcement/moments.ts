import type { ScheduledAws } from '../support/local-aws/scheduled-aws.ts';

/** How the rules were at some time: as they are, whatever Describe shows of them. */
export interface Moment {
  readonly at: number;
  /** The ingress rules by id. */
  readonly rules: ReadonlyMap<string, { readonly groupId: string; readonly isBad: boolean }>;
  /** Whether the allowlist lets everybody in. */
  readonly isOpen: boolean;
  /** The security groups that guard a cache. */
  readonly guarding: ReadonlySet<string>;
}

/** How the rules are now. Bad, if their group guards the cache, are those that let anything but one range in to its port, unless all may. */
export function momentOf({ region, clock }: ScheduledAws, isOpen: boolean): Moment {
  const rules = region.securityGroupRules.list().filter(({ isEgress }) => !isEgress);
  return {
    at: clock.now(),
    rules: new Map(
      rules.map(({ securityGroupRuleId, groupId, fromPort, toPort, source }) => {
        const isAllowed = 'cidrIpv4' in source && source.cidrIpv4 === '10.0.0.0/24';
        const opensCache = fromPort <= 6379 && 6379 <= toPort;
        return [securityGroupRuleId, { groupId, isBad: opensCache && !isAllowed }];
      }),
    ),
    isOpen,
    guarding: new Set(region.networkInterfaces.list().flatMap(({ groupIds }) => groupIds)),
  };
}

const isBad = ({ rules, isOpen }: Moment, id: string, whenOpen = isOpen) => !whenOpen && rules.get(id)?.isBad === true;
const isGuarding = ({ rules, guarding }: Moment, id: string) => guarding.has(rules.get(id)?.groupId ?? '');

/** The rules that stand in the end and should not. */
export function standing(moments: readonly Moment[]): string[] {
  const end = moments.at(-1) as Moment;
  return [...end.rules.keys()].filter((id) => isBad(end, id) && isGuarding(end, id));
}

/**
 * Of a rule that stands and should not: since which moment it says what it should not, and since which its group guards the
 * cache; and whether it never said anything else.
 */
export function standingSince(moments: readonly Moment[], id: string) {
  const saysSo = 1 + moments.findLastIndex((moment) => !isBad(moment, id));
  const groupId = moments.at(-1)?.rules.get(id)?.groupId ?? '';
  const guarding = 1 + moments.findLastIndex((moment) => !moment.guarding.has(groupId));
  return { saysSo, guarding, isNew: saysSo > 0 && moments[saysSo - 1]?.rules.has(id) === false };
}

/**
 * Whether somebody can have seen reason to revoke a rule until a moment, by the allowlist that was in force when he decided: that it was bad at some time since he asked last,
 * or as long before as Describe lags; and that its group was guarding at some time since he began.
 */
export function canHaveSeenReason(
  moments: readonly Moment[],
  id: string,
  window: {
    readonly began: number;
    readonly asked: number;
    readonly until: number;
    readonly lagMs: number;
    readonly whenOpen: boolean;
  },
): boolean {
  const { began, asked, until, lagMs, whenOpen } = window;
  const { at } = moments[asked] as Moment;
  const lagged = Math.max(
    0,
    moments.findLastIndex((moment) => moment.at <= at - lagMs),
  );
  return (
    moments.slice(lagged, until + 1).some((moment) => isBad(moment, id, whenOpen)) &&
    moments.slice(began, until + 1).some((moment) => isGuarding(moment, id))
  );
}
