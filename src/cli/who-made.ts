import pMap from 'p-map';
import type { ClientConfig } from '../aws/kept.ts';
import { explainFailure } from '../aws/why-not-judged.ts';
import { readMadeBy } from '../cloudtrail/made-by.ts';
import type { Finding } from '../policy/finding.ts';
import type { MadeBy } from '../policy/made-by.ts';
import { type Place, placeKey } from '../policy/place.ts';
import type { WhoMade } from '../report/audit-report.ts';
import { inOrderOfDanger } from '../report/danger.ts';
import { isDenied } from '../report/verdict.ts';

/** Of how many security group rules it is looked up who made them, and how long that may take. */
export const MOST_RULES = 20;
const MOST_SECONDS = 20;
const PLACES_AT_ONCE = 4;
/** A security group that machines edit has more events than anyone would wait for. */
const MOST_PAGES = 4;

export interface HowToLookUp {
  readonly configOf: (place: Place) => ClientConfig;
  /** Aborted when the audit's own time is up, or a person ends it. */
  readonly timeUp: AbortSignal;
  /** Calls made so far, by operation: is added to. */
  readonly made: Record<string, number>;
}

/**
 * Looks up in CloudTrail who made the most dangerous denied security group rules, and adds it to their findings. It changes nothing else,
 * and never throws: what keeps it from knowing is in `whoMade.problem`.
 */
export async function lookUpWhoMade(
  findings: readonly Finding[],
  how: HowToLookUp,
): Promise<{ readonly findings: readonly Finding[]; readonly whoMade: WhoMade }> {
  const all = deniedRules(findings);
  const rules = all.slice(0, MOST_RULES);
  const timeUp = AbortSignal.any([how.timeUp, AbortSignal.timeout(MOST_SECONDS * 1000)]);
  const byPlace = [...Map.groupBy(rules, placeKey).values()];
  const looks = await pMap(byPlace, (ofPlace) => lookUpAt(ofPlace, { ...how, timeUp }), {
    concurrency: PLACES_AT_ONCE,
  });
  const makers = new Map(looks.flatMap((look) => [...look.makers]));
  const problems = [...new Set(looks.flatMap(({ problem }) => problem ?? []))];
  const [problem] = problems;
  const found = rules.filter((rule) => makers.has(keyOf(rule))).length;
  return {
    findings: findings.map((finding) => {
      const madeBy = isDenied(finding) ? makers.get(keyOf(ruleOf(finding) ?? NO_RULE)) : undefined;
      return madeBy === undefined ? finding : { ...finding, madeBy };
    }),
    whoMade: {
      lookedUp: rules.length,
      found,
      leftOut: all.length - rules.length,
      ...(problem !== undefined && { problem: problems.length > 1 ? `${problem} (and elsewhere)` : problem }),
    },
  };
}

interface Rule extends Place {
  readonly securityGroupId: string;
  readonly securityGroupRuleId: string;
}

const NO_RULE: Rule = { account: '', region: '', securityGroupId: '', securityGroupRuleId: '' };

function ruleOf({ grant }: Finding): Rule | undefined {
  if (grant.kind !== 'vpc') return undefined;
  const { account, region, target } = grant;
  const { securityGroupId, securityGroupRuleId } = target;
  if (securityGroupId === undefined || securityGroupRuleId === undefined) return undefined;
  return { account, region, securityGroupId, securityGroupRuleId };
}

function keyOf({ securityGroupRuleId, ...place }: Rule): string {
  return `${placeKey(place)} ${securityGroupRuleId}`;
}

/** The most dangerous first, each once. */
function deniedRules(findings: readonly Finding[]): Rule[] {
  const rules = inOrderOfDanger(findings.filter(isDenied)).flatMap((one) => ruleOf(one) ?? []);
  return [...new Map(rules.map((rule) => [keyOf(rule), rule])).values()];
}

/**
 * One place. AWS does not document which resources an event names. Its own guide looks up a security group's events by the id of the
 * group (AWS re:Post, "How do I use CloudTrail to see if a security group was changed"), and one look-up then is good for all its
 * rules; what is not found so is looked up by the id of the rule.
 */
async function lookUpAt(
  rules: readonly Rule[],
  { configOf, timeUp, made }: HowToLookUp,
): Promise<{ readonly makers: Map<string, MadeBy>; readonly problem?: string }> {
  const makers = new Map<string, MadeBy>();
  const [first = NO_RULE] = rules;
  try {
    const { eventHistory } = await import('../aws/cloudtrail/lookup-events.ts');
    using history = eventHistory(configOf(first), {
      timeUp,
      aroundEachTry: async (operation, tryOnce) => {
        made[operation] = (made[operation] ?? 0) + 1;
        return await tryOnce();
      },
    });
    const read = async (resource: string, pages: number): Promise<void> => {
      // The latest first: that call left the rule as it is now.
      for await (const event of history.eventsAbout(resource, pages)) {
        const { securityGroupRuleIds = [], madeBy } = readMadeBy(event) ?? {};
        for (const securityGroupRuleId of securityGroupRuleIds) {
          const key = keyOf({ ...first, securityGroupRuleId });
          if (madeBy !== undefined && !makers.has(key)) makers.set(key, madeBy);
        }
      }
    };
    for (const group of new Set(rules.map(({ securityGroupId }) => securityGroupId))) await read(group, MOST_PAGES);
    for (const rule of rules) if (!makers.has(keyOf(rule))) await read(rule.securityGroupRuleId, 1);
    return { makers };
  } catch (error) {
    return { makers, problem: explain(error, first, timeUp) };
  }
}

/** What kept a look-up from its end, and what to do. */
function explain(error: unknown, { account, region }: Place, timeUp: AbortSignal): string {
  const where = `in ${region} of account ${account}`;
  if (timeUp.aborted) return `there was no time left for CloudTrail's answers ${where}`;
  const { why, detail } = explainFailure(error);
  if (why === 'access-denied' || why === 'denied-by-service-control-policy') {
    return `these credentials may not look up events ${where} (allow cloudtrail:LookupEvents)`;
  }
  if (why === 'throttled') return `CloudTrail throttles look-ups ${where} (try again later)`;
  return `CloudTrail did not answer ${where}: ${detail.replace(/\.$/, '')}`;
}
