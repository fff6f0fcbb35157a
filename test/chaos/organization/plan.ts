import { fractionFrom } from '../../../src/local/faults.ts';
import type { OrganizationSettings } from '../../../src/local/organizations/organization.ts';
import { ACCOUNT, REGION, STRANGER } from '../../support/examples/grants.ts';
import { OTHER_REGION } from '../../support/local-aws/local-endpoint.ts';

export const HUB = ACCOUNT;
export const MANAGEMENT = '100000000001';
export const REGIONS = [REGION, OTHER_REGION];

/** Who may reach caches. Whether a planned grant is allowed is written in the plan, and by this here. */
export const ALLOWLIST = `version: 1
rules:
  - id: office
    caches: [sessions]
    cidrs: [10.0.0.0/16]
  - id: web
    cacheSecurityGroups: [sessions]
    ec2SecurityGroups: ["web-*"]
    ownerIds: [self]
`;

/** What is wrong with a member. */
export type Trouble =
  | 'nothing'
  | 'the role is missing'
  | 'the role is missing for a while'
  | 'sessions are cut short'
  | 'the rule is disabled'
  | 'a region is not enabled'
  | 'a policy denies a region'
  | 'calls are throttled'
  | 'it is excluded';

/** Of 20 members. */
const TROUBLES: readonly Trouble[] = [
  ...Array<Trouble>(4).fill('nothing'),
  ...Array<Trouble>(2).fill('the role is missing'),
  ...Array<Trouble>(2).fill('the role is missing for a while'),
  ...Array<Trouble>(3).fill('sessions are cut short'),
  ...Array<Trouble>(3).fill('the rule is disabled'),
  ...Array<Trouble>(2).fill('a region is not enabled'),
  ...Array<Trouble>(2).fill('a policy denies a region'),
  'calls are throttled',
  'it is excluded',
];

/** A grant that somebody makes. */
export interface PlannedGrant {
  readonly account: string;
  readonly region: string;
  /** What it is known by to everyone who sees it: no two have the same. */
  readonly key: string;
  readonly isAllowed: boolean;
  /** When it is made; `undefined` if it stood before, when nobody watched. */
  readonly atMs: number | undefined;
  readonly source: { readonly cidr: string } | { readonly name: string; readonly owner: string };
}

export interface Plan {
  readonly seed: number;
  /** The 20 members, the hub and the management account. */
  readonly troubles: ReadonlyMap<string, Trouble>;
  readonly grants: readonly PlannedGrant[];
  readonly endMs: number;
}

/** What is known of a grant wherever it is seen. */
export const keyOfRule = (account: string, region: string, cidr: string) => `${account} ${region} ${cidr}`;
export const keyOfGrant = (account: string, region: string, name: string, owner: string) =>
  `${account} ${region} ${name} of ${owner}`;

/** The plan of a seed: always the same. */
export function planOrganization(seed: number, grantsAtAPlace: number): Plan {
  const draw = (what: string): number => fractionFrom(`${seed} ${what}`);
  const ids = TROUBLES.map((_, i) => String(200_000_000_001 + i * 1_000_003));
  const shuffled = ids.toSorted((a, b) => draw(a) - draw(b));
  const troubles = new Map<string, Trouble>([
    [HUB, 'nothing'],
    [MANAGEMENT, 'the role is missing'],
    ...shuffled.map((id, i) => [id, TROUBLES[i] as Trouble] as const),
  ]);
  const endMs = 8_000;
  let number = 0;
  const grants = [...troubles].flatMap(([account, trouble]) =>
    REGIONS.flatMap((region): PlannedGrant[] => {
      if (trouble === 'a region is not enabled' && region === OTHER_REGION) return [];
      return Array.from({ length: grantsAtAPlace }, (): PlannedGrant => {
        const n = ++number;
        const isAllowed = draw(`allowed ${n}`) < 0.5;
        // The policy denies it to people, too.
        const isBefore = (trouble === 'a policy denies a region' && region === OTHER_REGION) || draw(`when ${n}`) < 0.2;
        const atMs = isBefore ? undefined : draw(`time ${n}`) * endMs;
        const at = { account, region, isAllowed, atMs };
        if (draw(`kind ${n}`) < 0.25) {
          const [name, owner] = isAllowed
            ? [`web-${n}`, account]
            : draw(`why ${n}`) < 0.5
              ? [`web-${n}`, STRANGER]
              : [`batch-${n}`, account];
          return { ...at, key: keyOfGrant(account, region, name, owner), source: { name, owner } };
        }
        const cidr = `${isAllowed ? '10.0' : '198.18'}.${n >> 8}.${n & 255}/32`;
        return { ...at, key: keyOfRule(account, region, cidr), source: { cidr } };
      });
    }),
  );
  return { seed, troubles, grants, endMs };
}

/** The organization of a plan. */
export function organizationOf({ troubles }: Plan): OrganizationSettings {
  return {
    id: 'o-localaws01',
    managementAccountId: MANAGEMENT,
    delegatedAdministratorIds: [HUB],
    organizationalUnits: [{ id: 'ou-root-workloads', name: 'Workloads' }],
    accounts: [...troubles.keys()]
      .filter((id) => id !== MANAGEMENT)
      .map((accountId) => ({ accountId, name: `account ${accountId}`, parentId: 'ou-root-workloads' })),
  };
}

/** What a report must say of a place in the end. */
export function expectedWord(trouble: Trouble, region: string): string {
  const isOther = region === OTHER_REGION;
  if (trouble === 'the role is missing') return 'not-judged member-role-missing';
  if (trouble === 'it is excluded') return 'excluded';
  if (trouble === 'a region is not enabled' && isOther) return 'not-applicable region-not-enabled';
  if (trouble === 'a policy denies a region' && isOther) return 'not-judged denied-by-service-control-policy';
  return 'judged';
}
