import type { Reason } from '../../policy/decision.ts';
import type { Finding } from '../../policy/finding.ts';
import type { Grant } from '../../policy/grant.ts';
import type { HeldBecause, Outcome } from '../../policy/outcome.ts';
import type { Part } from '../../policy/parts.ts';
import type { RuleText } from '../../policy/vpc/rule-text.ts';
import type { AuditReport } from '../audit-report.ts';
import { type PackedGrant, packGrant, unpackGrant } from './packed-grant.ts';
import { fillNames, markNames } from './packed-names.ts';

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
  /** Protocols and ports of security groups' rules. */
  readonly rules: readonly Omit<RuleText, 'description'>[];
  readonly findings: readonly PackedFinding[];
}

/** Indexes into the texts, decisions and rules; -1 for what is not there, and left out at the end. */
type PackedFinding = readonly [
  grant: PackedGrant,
  status: number,
  decision: number,
  outcome: number,
  problem?: number,
  /** -1, 0 or 1. */
  verifiedGone?: number,
  /** AWS's ids are no two alike, so they are no use in the dictionary. */
  revocationRequestId?: string | -1,
  securityGroupRule?: number,
  description?: number,
  remark?: number,
  heldBecause?: number,
];

export function packReport(report: AuditReport): PackedReport {
  const texts = new Dictionary<string>();
  const reasons = new Dictionary<PackedReport['reasons'][number]>();
  const decisions = new Dictionary<PackedReport['decisions'][number]>();
  const rules = new Dictionary<PackedReport['rules'][number]>();
  const packReason = (reason: Reason, grant: Grant) =>
    reasons.indexOf([
      reason.rule === undefined ? -1 : texts.indexOf(reason.rule),
      reason.covers.map((part) => texts.indexOf(part)),
      reason.misses.map((part) => texts.indexOf(part)),
      texts.indexOf(markNames(reason.text, grant, reason.rule)),
    ]);
  const packText = (text: string | undefined) => (text === undefined ? -1 : texts.indexOf(text));
  const findings = report.findings.map(({ grant, decision, securityGroupRule, ...rest }): PackedFinding => {
    const { description, ...rule } = securityGroupRule ?? {};
    const packed: (PackedGrant | number | string)[] = [
      packGrant(grant, (text) => texts.indexOf(text)),
      texts.indexOf(rest.status),
      decisions.indexOf(
        decision.effect === 'allow'
          ? texts.indexOf(decision.rule)
          : decision.reasons.map((reason) => packReason(reason, grant)),
      ),
      texts.indexOf(rest.outcome),
      packText(rest.problem),
      rest.verifiedGone === undefined ? -1 : Number(rest.verifiedGone),
      rest.revocationRequestId ?? -1,
      securityGroupRule === undefined ? -1 : rules.indexOf(rule as PackedReport['rules'][number]),
      packText(description),
      packText(rest.remark),
      packText(rest.heldBecause),
    ];
    while (packed.at(-1) === -1) packed.pop();
    return packed as unknown as PackedFinding;
  });
  return {
    report: { ...report, findings: [] },
    texts: texts.items,
    reasons: reasons.items,
    decisions: decisions.items,
    rules: rules.items,
    findings,
  };
}

export function unpackReport({ report, texts, reasons, decisions, rules, findings }: PackedReport): AuditReport {
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
      ([
        packed,
        status,
        decided,
        outcome,
        problem = -1,
        gone = -1,
        id = -1,
        rule = -1,
        description = -1,
        remark = -1,
        because = -1,
      ]): Finding => {
        const grant = unpackGrant(packed, text);
        const decision = decisions[decided] as PackedReport['decisions'][number];
        return {
          grant,
          status: text(status),
          decision:
            typeof decision === 'number'
              ? { effect: 'allow', rule: text(decision) }
              : { effect: 'deny', reasons: decision.map((index) => unpackReason(index, grant)) },
          outcome: text(outcome) as Outcome,
          ...(problem !== -1 && { problem: text(problem) }),
          ...(because !== -1 && { heldBecause: text(because) as HeldBecause }),
          ...(id !== -1 && { revocationRequestId: id }),
          ...(rule !== -1 && {
            securityGroupRule: {
              ...(rules[rule] as RuleText),
              ...(description !== -1 && { description: text(description) }),
            },
          }),
          ...(remark !== -1 && { remark: text(remark) }),
          ...(gone !== -1 && { verifiedGone: gone === 1 }),
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
