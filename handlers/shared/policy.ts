import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { allowlistSource, type CurrentAllowlist } from '../../src/allowlist/allowlist-source.ts';
import { endedBy } from '../../src/aws/ended-by.ts';
import type { Policy } from '../../src/enforcement/event-outcome.ts';
import { readAllowlistLocation, readMode } from './settings.ts';

/** What to judge by, as the environment says, and the allowlist it was made from. */
export interface ReadPolicy extends Pick<Policy, 'allowlist' | 'allowlistSha256' | 'mode'> {
  readonly loaded: CurrentAllowlist;
}

/**
 * Reads what to judge by. The allowlist is kept as long as its kind allows; while its source fails, the last good one stays
 * in force, which a metric (`AllowlistStale`) and an error line report. Who gives `timeUp` does not wait after it is aborted.
 *
 * @throws {SettingsError} or {AllowlistError} if there is nothing valid to judge by: then nothing is revoked.
 */
export function policyReader(logger: Logger, metrics: Metrics): (timeUp?: AbortSignal) => Promise<ReadPolicy> {
  const readAllowlist = allowlistSource();
  return async (timeUp) => {
    const mode = readMode(process.env);
    const loaded = await endedBy(timeUp, () => readAllowlist(readAllowlistLocation(process.env)));
    if (loaded.staleBecause !== undefined) {
      // Apart, because the function's other metrics carry the outcome, which has nothing to do with it.
      metrics.singleMetric().addMetric('AllowlistStale', MetricUnit.Count, 1);
      const error = loaded.staleBecause as Error;
      logger.error('the last good allowlist stays in force', { allowlistSha256: loaded.sha256, error });
    }
    return { allowlist: loaded.compiled, allowlistSha256: loaded.sha256, mode, loaded };
  };
}
