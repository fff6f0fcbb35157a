import type { Finding } from '../policy/finding.ts';
import type { Part } from '../policy/parts.ts';
import { dangerOf, inOrderOfDanger } from './danger.ts';
import { isForEverybody } from './grant-words.ts';
import { isStanding } from './verdict.ts';
import { list } from './wording.ts';

/** Denied grants that are denied for the same reason: one thing to decide, however many grants it is about. */
export interface Cause {
  /** What the page's address calls it. */
  readonly key: string;
  readonly title: string;
  /** The rule that comes nearest, if one does. */
  readonly rule?: string;
  /** The rule would allow, if it had not expired. */
  readonly onlyExpired: boolean;
  /** Grants of access to everybody are one cause, whatever rule comes nearest. */
  readonly isForEverybody?: true;
  readonly findings: readonly Finding[];
  readonly standing: number;
}

/**
 * The causes of all denied findings: what is open to everybody first, then those of the widest range, then those that leave most grants
 * standing, then those of most grants. The findings of each are in order of danger.
 */
export function groupByCause(findings: readonly Finding[]): Cause[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = causeKey(finding);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  const causes = [...groups].map(([key, group]) => toCause(key, inOrderOfDanger(group)));
  return causes.sort(
    (a, b) =>
      worstOf(b) - worstOf(a) ||
      b.standing - a.standing ||
      b.findings.length - a.findings.length ||
      (a.key < b.key ? -1 : 1),
  );
}

/** The danger of the worst that stands. */
function worstOf({ findings, isForEverybody }: Cause): number {
  if (isForEverybody) return Number.POSITIVE_INFINITY;
  return Math.max(
    0,
    ...findings
      .filter(isStanding)
      .slice(0, 1)
      .map(({ grant }) => dangerOf(grant)),
  );
}

/** What is open to everybody, which comes before anything else; and the other causes. */
export function splitOffOpen(causes: readonly Cause[]): readonly [open: readonly Cause[], others: readonly Cause[]] {
  return [causes.filter((one) => one.isForEverybody), causes.filter((one) => !one.isForEverybody)];
}

/** The same for two findings that are denied for the same reason; `undefined` for one that is allowed. */
export function causeKey({ decision, grant }: Finding): string | undefined {
  if (decision.effect === 'allow') return undefined;
  if (isForEverybody(grant)) return EVERYBODY;
  const [nearest] = decision.reasons;
  return [nearest?.rule ?? '', ...(nearest?.misses ?? [])].join('/');
}

/** No other key has two slashes in a row: no part of a rule is missed that has no name. */
const EVERYBODY = '//everybody';

function toCause(key: string, findings: readonly Finding[]): Cause {
  const { decision } = findings[0] as Finding;
  const nearest = decision.effect === 'deny' ? decision.reasons[0] : undefined;
  const standing = findings.filter(isStanding).length;
  if (key === EVERYBODY) {
    return { key, title: 'Open to everybody', onlyExpired: false, isForEverybody: true, findings, standing };
  }
  if (nearest === undefined) return { key, title: 'No reason was given', onlyExpired: false, findings, standing };
  const { rule, misses } = nearest;
  const parts = misses.filter((part) => part !== 'expires');
  const expired = misses.includes('expires');
  const named = parts.map((part) => WORDS[part]);
  if (rule === undefined) {
    return { key, title: `No rule covers the ${list(named, 'or')}`, onlyExpired: false, findings, standing };
  }
  const title =
    parts.length === 0
      ? `Rule \`${rule}\` has expired`
      : `Rule \`${rule}\` does not cover the ${list(named, 'or')}${expired ? ', and has expired' : ''}`;
  return { key, title, rule, onlyExpired: expired && parts.length === 0, findings, standing };
}

const WORDS: Readonly<Record<Part, string>> = {
  cacheSecurityGroup: 'cache security group',
  ec2SecurityGroup: 'EC2 security group',
  ownerId: 'owner',
  account: 'account',
  region: 'region',
  expires: 'day',
  cache: 'cache',
  securityGroup: 'security group',
  cidr: 'CIDR',
  prefixList: 'prefix list',
  ports: 'ports',
  publicEndpoint: 'public endpoint',
};
