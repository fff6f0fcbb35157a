import type { Finding } from '../../policy/finding.ts';
import { causeKey } from '../causes.ts';
import { isDenied, isStanding } from '../verdict.ts';
import { OUTCOME_WORDS } from '../wording.ts';
import type { SortKey, ViewState } from './view-state.ts';

/** A finding with what it is searched and sorted by. */
export interface Row {
  readonly finding: Finding;
  readonly cause: string | undefined;
  readonly haystack: string;
}

export function toRow(finding: Finding): Row {
  const { grant, decision, outcome, status, problem, revocationRequestId } = finding;
  const words = [
    grant.account,
    grant.region,
    grant.target.cacheSecurityGroupName,
    grant.source.ec2SecurityGroupName,
    grant.source.ec2SecurityGroupOwnerId,
    OUTCOME_WORDS[outcome].words,
    outcome,
    status,
    why(finding),
    ...(decision.effect === 'deny' ? decision.reasons.map(({ text }) => text) : []),
    problem ?? '',
    revocationRequestId ?? '',
  ];
  // A line break between them, which nobody types, so that no word is found across two of them.
  return { finding, cause: causeKey(finding), haystack: words.join('\n').toLowerCase() };
}

/** The rule that allows it, or the first of the reasons against it. */
export function why({ decision }: Finding): string {
  return decision.effect === 'allow'
    ? `rule \`${decision.rule}\``
    : (decision.reasons[0]?.text ?? 'no reason was given');
}

/** The rows that a state shows, in its order: all pages of them. */
export function choose(rows: readonly Row[], state: ViewState): Row[] {
  const words = state.query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const chosen = rows.filter(
    (row) =>
      isShown(row.finding, state.show) &&
      (state.cause === '' || row.cause === state.cause) &&
      (state.region === '' || row.finding.grant.region === state.region) &&
      words.every((word) => row.haystack.includes(word)),
  );
  if (state.sort === '') return chosen;
  const value = SORTED_BY[state.sort];
  const direction = state.descending ? -1 : 1;
  return chosen
    .map((row) => [value(row.finding), row] as const)
    .sort(([a], [b]) => (a < b ? -direction : a > b ? direction : 0))
    .map(([, row]) => row);
}

function isShown(finding: Finding, show: string): boolean {
  if (show === 'all') return true;
  if (show === 'disallowed') return isDenied(finding);
  return show === 'standing' ? isStanding(finding) : finding.outcome === show;
}

const SORTED_BY: Readonly<Record<SortKey, (finding: Finding) => string>> = {
  // What stands first: that is what one sorts outcomes for.
  outcome: (finding) => `${isStanding(finding) ? 0 : isDenied(finding) ? 1 : 2}${finding.outcome}`,
  target: ({ grant }) => grant.target.cacheSecurityGroupName,
  source: ({ grant }) => grant.source.ec2SecurityGroupName,
  owner: ({ grant }) => grant.source.ec2SecurityGroupOwnerId,
  where: ({ grant }) => `${grant.account} ${grant.region}`,
  why,
};
