import type { Part, Reason } from '../../policy/decision.ts';
import type { Finding } from '../../policy/finding.ts';
import { type Grant, quote } from '../../policy/grant.ts';
import type { Outcome } from '../../policy/outcome.ts';
import type { AuditReport } from '../audit-report.ts';

/**
 * A report in few bytes, for the page: each text is there once, and findings name it by its place. Reasons repeat the
 * grant's names in their texts; there, marks stand for them.
 */
export interface PackedReport {
  /** The report, without findings. */
  readonly report: AuditReport;
  readonly texts: readonly string[];
  /** Reasons: rule (or -1), covered parts, missed parts, text with marks. */
  readonly reasons: readonly (readonly [
    rule: number,
    covers: readonly number[],
    misses: readonly number[],
    text: number,
  ])[];
  /** Decisions: the rule that allows, or a list of reasons. */
  readonly decisions: readonly (number | readonly number[])[];
  readonly findings: readonly PackedFinding[];
}

/** Indexes into the texts and decisions; those at the end that are not there are left out, others are -1. */
type PackedFinding = readonly [
  account: number,
  region: number,
  cacheSecurityGroupName: number,
  ec2SecurityGroupName: number,
  ec2SecurityGroupOwnerId: number,
  status: number,
  decision: number,
  outcome: number,
  problem?: number,
  /** -1, 0 or 1. */
  verifiedGone?: number,
  /** AWS's ids are no two alike, so they are no use in the dictionary. */
  revocationRequestId?: string,
];

export function packReport(report: AuditReport): PackedReport {
  const texts = new Dictionary<string>();
  const reasons = new Dictionary<PackedReport['reasons'][number]>();
  const decisions = new Dictionary<PackedReport['decisions'][number]>();
  const packReason = (reason: Reason, grant: Grant) =>
    reasons.indexOf([
      reason.rule === undefined ? -1 : texts.indexOf(reason.rule),
      reason.covers.map((part) => texts.indexOf(part)),
      reason.misses.map((part) => texts.indexOf(part)),
      texts.indexOf(markNames(reason.text, grant, reason.rule)),
    ]);
  const findings = report.findings.map(({ grant, decision, ...rest }): PackedFinding => {
    const packed = [
      texts.indexOf(grant.account),
      texts.indexOf(grant.region),
      texts.indexOf(grant.target.cacheSecurityGroupName),
      texts.indexOf(grant.source.ec2SecurityGroupName),
      texts.indexOf(grant.source.ec2SecurityGroupOwnerId),
      texts.indexOf(rest.status),
      decisions.indexOf(
        decision.effect === 'allow'
          ? texts.indexOf(decision.rule)
          : decision.reasons.map((reason) => packReason(reason, grant)),
      ),
      texts.indexOf(rest.outcome),
    ] as const;
    const problem = rest.problem === undefined ? -1 : texts.indexOf(rest.problem);
    const verifiedGone = rest.verifiedGone === undefined ? -1 : Number(rest.verifiedGone);
    if (rest.revocationRequestId !== undefined) return [...packed, problem, verifiedGone, rest.revocationRequestId];
    return verifiedGone !== -1 ? [...packed, problem, verifiedGone] : problem !== -1 ? [...packed, problem] : packed;
  });
  return {
    report: { ...report, findings: [] },
    texts: texts.items,
    reasons: reasons.items,
    decisions: decisions.items,
    findings,
  };
}

export function unpackReport({ report, texts, reasons, decisions, findings }: PackedReport): AuditReport {
  const text = (index: number) => texts[index] as string;
  const unpackReason = (index: number, grant: Grant): Reason => {
    const [rule, covers, misses, marked] = reasons[index] as PackedReport['reasons'][number];
    const named = rule === -1 ? undefined : text(rule);
    return {
      ...(named !== undefined && { rule: named }),
      covers: covers.map((part) => text(part) as Part),
      misses: misses.map((part) => text(part) as Part),
      text: fillNames(text(marked), grant, named),
    };
  };
  return {
    ...report,
    findings: findings.map(
      ([account, region, target, name, owner, status, decided, outcome, problem, gone, id]): Finding => {
        const grant: Grant = {
          account: text(account),
          region: text(region),
          target: { cacheSecurityGroupName: text(target) },
          source: { ec2SecurityGroupName: text(name), ec2SecurityGroupOwnerId: text(owner) },
        };
        const decision = decisions[decided] as PackedReport['decisions'][number];
        return {
          grant,
          status: text(status),
          decision:
            typeof decision === 'number'
              ? { effect: 'allow', rule: text(decision) }
              : { effect: 'deny', reasons: decision.map((index) => unpackReason(index, grant)) },
          outcome: text(outcome) as Outcome,
          ...(problem !== undefined && problem !== -1 && { problem: text(problem) }),
          ...(id !== undefined && { revocationRequestId: id }),
          ...(gone !== undefined && gone !== -1 && { verifiedGone: gone === 1 }),
        };
      },
    ),
  };
}

/** Gives each item a place, the same for the same. */
class Dictionary<Item> {
  readonly items: Item[] = [];
  private readonly places = new Map<string, number>();

  indexOf(item: Item): number {
    const key = typeof item === 'string' ? item : JSON.stringify(item);
    const known = this.places.get(key);
    if (known !== undefined) return known;
    this.places.set(key, this.items.length);
    return this.items.push(item) - 1;
  }
}

/** In front of a text in which nothing is to be filled in. */
const AS_IT_IS = '\u0000';

/** `rule \1 does not cover owner id \4`, where that gives the text again; else the text itself. */
function markNames(text: string, grant: Grant, rule: string | undefined): string {
  let marked = text;
  for (const [i, name] of namesOf(grant, rule).entries()) {
    if (name !== undefined) marked = marked.replaceAll(name, String.fromCharCode(i + 1));
  }
  return !marked.startsWith(AS_IT_IS) && fillNames(marked, grant, rule) === text ? marked : `${AS_IT_IS}${text}`;
}

function fillNames(marked: string, grant: Grant, rule: string | undefined): string {
  if (marked.startsWith(AS_IT_IS)) return marked.slice(1);
  const names = namesOf(grant, rule);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the marks are control characters, which no name holds
  return marked.replace(/[\u0001-\u0006]/g, (mark) => names[mark.charCodeAt(0) - 1] ?? mark);
}

/** The names as the texts of reasons show them. */
function namesOf({ account, region, target, source }: Grant, rule: string | undefined): (string | undefined)[] {
  const names = [
    target.cacheSecurityGroupName,
    source.ec2SecurityGroupName,
    source.ec2SecurityGroupOwnerId,
    account,
    region,
  ];
  return [rule === undefined ? undefined : `\`${rule}\``, ...names.map(quote)];
}
