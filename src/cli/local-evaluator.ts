import { readAllowlistFile } from '../allowlist/allowlist-file.ts';
import { connector } from '../aws/connect.ts';
import { audit } from '../enforcement/audit.ts';
import { timeUntil } from '../enforcement/deadline.ts';
import {
  classicKey,
  type Evaluation,
  type Evaluator,
  placeKeyOf,
  publicKey,
  ruleKey,
} from '../local/console/evaluator.ts';
import type { Advice, Verdict } from '../local/console/messages.ts';
import type { LocalAws } from '../local/local-aws.ts';
import { peek } from '../local/peek.ts';
import { type AccountPaths, readAccountPath } from '../policy/account-paths.ts';
import { decide } from '../policy/decide.ts';
import type { Finding } from '../policy/finding.ts';
import type { Grant } from '../policy/grant.ts';
import type { Place } from '../policy/place.ts';
import { isPublicEndpoint } from '../policy/vpc/grant.ts';
import { proposeRules } from './propose-rules.ts';
import { readDecided } from './read-grants.ts';

const EVALUATION_MS = 60_000;

/**
 * Evaluates what stands on a local AWS as an audit does in report-only mode: by the same look, policy and plan. It reads the local AWS
 * without making calls, so nothing of it is in CloudTrail or on the screen. The allowlist is read again each time.
 */
export function localEvaluator(aws: LocalAws, allowlistFile: string): Evaluator {
  const { accounts } = aws;
  const connect = connector({
    // They are not looked at.
    credentialsFor: () => async () => ({ accessKeyId: 'console', secretAccessKey: 'console' }),
    requestHandlerFor: (place) => ({
      async handle({ method, path, headers, body }) {
        const lowered = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
        const request = { method, path, query: '', headers: Object.fromEntries(lowered), body: String(body ?? '') };
        const answer = peek(accounts, place, request);
        const response = {
          statusCode: answer.status,
          headers: { ...answer.headers },
          body: new TextEncoder().encode(answer.body),
        };
        return { response };
      },
    }),
  });
  return {
    async evaluate(places) {
      try {
        return await evaluate(places);
      } catch (error) {
        const problem = `${allowlistFile}: ${(error as Error).message}`;
        return { verdicts: new Map(), problems: new Map(places.map((place) => [placeKeyOf(place), [problem]])) };
      }
    },
    async advise(decision): Promise<Advice> {
      const { grant, problem } = readDecided(decision);
      if (grant === undefined) throw new Error(problem);
      const { compiled } = await readAllowlistFile(allowlistFile);
      const isDenied = decide(grant, compiled.withAccountPaths(accountPaths(aws)), new Date()).effect === 'deny';
      if (!isDenied) return { isDenied, rules: '', never: '' };
      const { rules, never } = proposeRules([grant]);
      return { isDenied, rules, never: never.map((why) => `No allowlist rule can allow it: ${why}.`).join(' ') };
    },
  };

  async function evaluate(places: readonly Place[]): Promise<Evaluation> {
    const { compiled } = await readAllowlistFile(allowlistFile);
    const { findings, notJudged } = await audit({
      ...timeUntil(new Date(Date.now() + EVALUATION_MS)),
      places,
      connect,
      allowlist: compiled.withAccountPaths(accountPaths(aws)),
      mode: 'report-only',
      shared: 'hold',
      mixed: 'hold',
      maxRevocations: Number.POSITIVE_INFINITY,
      confirmPolicy: async () => {},
      report: () => {},
    });
    const verdicts = new Map<string, Verdict>();
    for (const finding of findings) {
      const key = keyOf(finding.grant);
      const before = verdicts.get(key);
      const verdict = toVerdict(finding);
      // A rule is denied if any of its grants is.
      if (before === undefined || before.as === 'allowed') verdicts.set(key, verdict);
    }
    const problems = Map.groupBy(notJudged, placeKeyOf);
    return {
      verdicts,
      problems: new Map(
        [...problems].map(([key, its]) => [key, its.map(({ what, why }) => `${what} is not evaluated: ${why}`)]),
      ),
    };
  }
}

/** The organizational units of each account. */
function accountPaths({ accounts: { organization } }: LocalAws): AccountPaths {
  const members = [...(organization?.members.values() ?? [])];
  return new Map(
    members.flatMap((member) => {
      // The last is the account itself.
      const written = organization?.pathOf(member).replace(/[^/]+\/$/, '') ?? '';
      const path = readAccountPath(written);
      return path === undefined ? [] : [[member.accountId, path] as const];
    }),
  );
}

function keyOf(grant: Grant): string {
  if (grant.kind === 'vpc') {
    return isPublicEndpoint(grant)
      ? publicKey(grant, grant.target.cacheName)
      : ruleKey(grant, grant.target.securityGroupRuleId);
  }
  const { target, source } = grant;
  const { ec2SecurityGroupOwnerId, ec2SecurityGroupName } = source;
  return classicKey(grant, target.cacheSecurityGroupName, ec2SecurityGroupOwnerId, ec2SecurityGroupName);
}

function toVerdict({ outcome, decision, problem = '' }: Finding): Verdict {
  if (decision.effect === 'allow' && outcome === 'allowed') {
    return { as: 'allowed', why: `allowlist rule \`${decision.rule}\` allows it` };
  }
  if (outcome === 'failed') return { as: 'not-evaluated', why: problem };
  if (outcome === 'held') return { as: 'held', why: problem };
  const why = decision.effect === 'deny' ? (decision.reasons[0]?.text ?? '') : 'another grant of its rule is denied';
  return { as: 'not-allowed', why };
}
