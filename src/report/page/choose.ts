import type { Finding } from '../../policy/finding.ts';
import { causeKey } from '../causes.ts';
import { grantWords, isForEverybody, ruleWords } from '../grant-words.ts';
import { describeMadeBy } from '../made-by-words.ts';
import { goesAlong } from '../revocations.ts';
import { isDenied, isStanding } from '../verdict.ts';
import { OUTCOME_WORDS } from '../wording.ts';
import type { SortKey, ViewState } from './view-state.ts';

/** A finding with what it is searched and sorted by. */
export interface Row {
  readonly finding: Finding;
  readonly cause: string | undefined;
  readonly haystack: string;
}

/** @param accountName of the account of the grant, where it is known. */
export function toRow(finding: Finding, accountName = ''): Row {
  const { grant, decision, outcome, status, problem, revocationRequestId, securityGroupRule, remark, madeBy } = finding;
  const { targetKind, target, rule, sourceKind, source, owner } = grantWords(grant);
  const words = [
    grant.account,
    accountName,
    grant.region,
    targetKind,
    target,
    rule ?? '',
    ...(grant.kind === 'vpc' ? [grant.target.securityGroupId ?? '', ...(grant.target.clusterNames ?? [])] : []),
    sourceKind,
    grant.kind === 'vpc' && grant.source.kind === 'securityGroup' ? (grant.source.securityGroupName ?? '') : '',
    source,
    owner,
    isForEverybody(grant) ? 'everybody' : '',
    OUTCOME_WORDS[outcome].words,
    outcome,
    status,
    why(finding),
    ...(decision.effect === 'deny' ? decision.reasons.map(({ text }) => text) : []),
    problem ?? '',
    revocationRequestId ?? '',
    securityGroupRule === undefined ? '' : ruleWords(securityGroupRule),
    securityGroupRule?.description ?? '',
    remark ?? '',
    madeBy === undefined ? '' : describeMadeBy(madeBy),
  ];
  // A line break between them, which no one types, so that no word is found across two of them.
  return { finding, cause: causeKey(finding), haystack: words.join('\n').toLowerCase() };
}

/** The rule that allows it, or the first of the reasons against it. */
export function why(finding: Finding): string {
  const { decision } = finding;
  if (decision.effect === 'deny') return decision.reasons[0]?.text ?? 'no reason was given';
  const along = goesAlong(finding) ? ', but another grant of its security group rule is denied' : '';
  return `rule \`${decision.rule}\`${along}`;
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
  if (show === 'everybody') return isForEverybody(finding.grant);
  return show === 'standing' ? isStanding(finding) : finding.outcome === show;
}

const SORTED_BY: Readonly<Record<SortKey, (finding: Finding) => string>> = {
  // What stands first: that is what one sorts outcomes for.
  outcome: (finding) => `${isStanding(finding) ? 0 : isDenied(finding) ? 1 : 2}${finding.outcome}`,
  target: ({ grant }) => grantWords(grant).target,
  source: ({ grant }) => grantWords(grant).source,
  owner: ({ grant }) => grantWords(grant).owner,
  where: ({ grant }) => `${grant.account} ${grant.region}`,
  why,
};
