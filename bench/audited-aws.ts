// The local ElastiCache that bench/audit.ts audits, in a process of its own so that its work is not counted as the audit's.
// Says its URL, then answers each message with what stands and what it was asked since the last one.

import { startApiEndpoint } from '../src/local/api-endpoint.ts';
import { systemClock } from '../src/local/clock.ts';
import { ACCOUNT, REGION } from './audited-grants.ts';

/** What the endpoint tells. */
export interface EndpointState {
  readonly cacheSecurityGroups: number;
  /** Grants that stand, by who owns the EC2 security group. */
  readonly standing: Readonly<Record<string, number>>;
  /** Calls that succeeded, by operation. */
  readonly calls: Readonly<Record<string, number>>;
}

let calls: Record<string, number> = {};
const endpoint = await startApiEndpoint(
  { port: 0, accountId: ACCOUNT, regions: [REGION], transitionMs: 0, quota: 1_000_000 },
  systemClock(),
  ({ action, error }) => {
    if (error === undefined) calls[action] = (calls[action] ?? 0) + 1;
  },
);

process.on('message', () => {
  const groups = endpoint.list(REGION);
  const standing: Record<string, number> = {};
  for (const { EC2SecurityGroupOwnerId: owner } of groups.flatMap((group) => group.EC2SecurityGroups)) {
    standing[owner] = (standing[owner] ?? 0) + 1;
  }
  process.send?.({ cacheSecurityGroups: groups.length, standing, calls } satisfies EndpointState);
  calls = {};
});
process.on('disconnect', () => process.exit());
process.send?.(endpoint.url);
