import type { Finding } from '../policy/finding.ts';
import { revocationIdOfGrant } from '../policy/revocation-id.ts';
import type { GoneNames, PlaceNames } from '../policy/vpc/gone-names.ts';
import type { AccountResult } from './account-result.ts';
import { accountsToJudge, type Manifest, placesOf } from './manifest.ts';

/**
 * The names of the caches at every target of a run that can have caches. Where they could not be listed, `areAll` says so: a name
 * may be there.
 */
export function namesOfRun(manifest: Manifest, results: readonly AccountResult[]): PlaceNames[] {
  const resultOf = new Map(results.map((result) => [result.account, result]));
  return placesOf({ ...manifest, accounts: accountsToJudge(manifest) }).map((place): PlaceNames => {
    const found = resultOf.get(place.account)?.regions.find(({ region }) => region === place.region);
    // Nothing can be in a region that is not enabled.
    if (found?.status === 'not-applicable') return { ...place, names: new Set(), areAll: true };
    const { names = [], areAll = false } = found?.names ?? {};
    return { ...place, names: new Set(names), areAll };
  });
}

/** Why revocations stay held by names that are gone, by id; `undefined` for those that are not to be held. */
export type HeldNames = ReadonlyMap<string, string | undefined>;

/**
 * Looks again at what accounts held because no cache of theirs has the name in an allowlist rule: a cache of another account may have
 * it, which an account alone cannot know.
 *
 * @param goneNames the names that no cache of any account has.
 */
export function reviewHeldNames(findings: readonly Finding[], goneNames: GoneNames): HeldNames {
  const held = findings.filter(({ heldBecause }) => heldBecause === 'gone-name');
  const byRevocation = Map.groupBy(held, ({ grant }) => revocationIdOfGrant(grant));
  return new Map(
    [...byRevocation].map(([id, alike]) => {
      const reasons = alike.flatMap((finding) => whyHeld(finding, goneNames) ?? []);
      return [id, reasons[0]];
    }),
  );
}

function whyHeld({ grant, decision, problem }: Finding, goneNames: GoneNames): string | undefined {
  if (decision.effect === 'allow') return undefined;
  // A finding holds the first entries of a long prefix list, and a part of them is not enough to revoke by.
  if (grant.kind !== 'vpc' || (grant.source.kind === 'prefixList' && grant.source.entryCount !== undefined)) {
    return problem ?? 'a name in the allowlist is gone';
  }
  return goneNames.whyHeld(grant);
}
