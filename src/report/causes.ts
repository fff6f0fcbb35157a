import type { Finding } from '../policy/finding.ts';
import type { Part } from '../policy/parts.ts';
import { isStanding } from './verdict.ts';
import { list } from './wording.ts';

/** Denied grants that are denied for the same reason: one thing to decide, however many grants it is about. */
export interface Cause {
  /** What the page's address calls it. */
  readonly key: string;
  readonly title: string;
  /** The rule that comes nearest, if one does. */
  readonly rule?: string;
  /** The rule would allow, had it not expired. */
  readonly onlyExpired: boolean;
  readonly findings: readonly Finding[];
  readonly standing: number;
}

/** The causes of all denied findings: those that leave most grants standing first, then those of most grants. */
export function groupByCause(findings: readonly Finding[]): Cause[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = causeKey(finding);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  const causes = [...groups].map(([key, group]) => toCause(key, group));
  return causes.sort(
    (a, b) => b.standing - a.standing || b.findings.length - a.findings.length || (a.key < b.key ? -1 : 1),
  );
}

/** The same for two findings that are denied for the same reason; `undefined` for one that is allowed. */
export function causeKey({ decision }: Finding): string | undefined {
  if (decision.effect === 'allow') return undefined;
  const [nearest] = decision.reasons;
  return [nearest?.rule ?? '', ...(nearest?.misses ?? [])].join('/');
}

function toCause(key: string, findings: readonly Finding[]): Cause {
  const { decision } = findings[0] as Finding;
  const nearest = decision.effect === 'deny' ? decision.reasons[0] : undefined;
  const standing = findings.filter(isStanding).length;
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
