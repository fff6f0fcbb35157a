import { markdownTable } from 'markdown-table';
import { ENDINGS, measureExposures, percentile } from './exposure.ts';
import { isDisallowed } from './rules-plan.ts';
import { isToBeRevoked, type KnownRule } from './rules-witness.ts';
import type { Run } from './run.ts';
import { SPEED } from './stage.ts';
import { BREACHES, type Breach } from './verdict.ts';

/** What a run came to, for people, as Markdown. */
export function toTables(run: Run, breaches: readonly Breach[]): string {
  return [
    table(
      ['must be 0', ''],
      BREACHES.map((what) => [what, breaches.filter((breach) => breach.what === what).length]),
    ),
    exposureTable(run),
    `In real time, from the call that made the grant until the call that took it away. Lambda's minutes between two tries and
CloudTrail's delays are ${SPEED} times shorter than on AWS; what the functions do and wait for is not.`,
    table(['what happened', 'times'], whatHappened(run)),
    table(['fault', 'times'], Object.entries(run.faults)),
    `It took ${run.seconds.toFixed(0)} s.`,
  ].join('\n\n');
}

const ENDED_BY = {
  events: 'its event',
  redrive: 'its redriven event',
  audit: 'the audit',
  people: 'people, or a deleted cache security group',
};

function exposureTable({ plan, witness }: Run): string {
  const exposures = measureExposures(witness.changes, plan.grants);
  const row = (what: string, numbers: readonly number[]): (string | number)[] => [
    what,
    numbers.length,
    ...[50, 95, 99, 100].map((percent) => seconds(percentile(percent, numbers))),
  ];
  return table(
    ['a disallowed grant was ended by', 'times', 'p50', 'p95', 'p99', 'max'],
    [
      ...ENDINGS.map((ending) => row(ENDED_BY[ending], exposures.get(ending) ?? [])),
      row('any of these', [...exposures.values()].flat()),
    ],
  );
}

const isHeld = (rule: KnownRule): boolean =>
  isDisallowed(rule, rule.caches) && rule.allowedSinceMs === undefined && !isToBeRevoked(rule);

function whatHappened({ plan, rules, witness, ruleWitness, standingRules, deadLetters }: Run): [string, number][] {
  const { counts } = witness;
  const changes = (action: string, by: 'guard' | 'people'): number =>
    witness.changes.filter((change) => change.action === action && change.by === by).length;
  const disallowed = plan.grants.filter(({ allowed }) => !allowed).length;
  return [
    ['grants planned', plan.grants.length],
    ['of these, disallowed', disallowed],
    ['grants made, some again', changes('AuthorizeCacheSecurityGroupIngress', 'people')],
    ['grants revoked by Ingress Guard', changes('RevokeCacheSecurityGroupIngress', 'guard')],
    ['grants revoked by hand', changes('RevokeCacheSecurityGroupIngress', 'people')],
    ['cache security groups deleted', changes('DeleteCacheSecurityGroup', 'people')],
    ['rules of security groups planned', rules.length],
    ['rules made, some again', ruleWitness.made],
    ['rules edited by hand', ruleWitness.edited],
    ['rules revoked by hand', ruleWitness.revokedByHand],
    ['rules revoked by Ingress Guard', ruleWitness.revokedByGuard.length],
    ['disallowed rules held back, because others may need them or live by them', standingRules.filter(isHeld).length],
    ['revocations of which the function had the answer', witness.answeredRevocations().length],
    [
      'revocations that were cut off: the function was gone, or its answer was',
      witness.revocations.length - witness.answeredRevocations().length,
    ],
    ['times that the allowlist could not be read', plan.allowlistOutages.length],
    ['times that no one had the permission to revoke', plan.permissionOutages.length],
    ['requests to AWS', counts.requests],
    ['of these, tries of the SDK after the first', counts['requests tried again']],
    ['events delivered', counts['events delivered']],
    ['tries of Lambda after the first', counts['events tried again']],
    ['times that an event waited for a cache that was being created', counts['events that waited for a cache']],
    ['dead letters redriven', counts['dead letters redriven']],
    ['tries whose time was up', counts['tries whose time was up']],
    ['audits', counts.audits],
    ['dead letters in the end', deadLetters.length],
  ];
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? cell.toLocaleString('en') : cell)));
  return markdownTable([head, ...cells], { align: ['l', ...head.slice(1).map(() => 'r')] });
}

function seconds(ms: number | undefined): string {
  return ms === undefined ? '' : `${(ms / 1000).toFixed(2)} s`;
}
