import {
  ElastiCacheClient,
  ModifyReplicationGroupCommand,
  type ModifyReplicationGroupCommandInput,
} from '@aws-sdk/client-elasticache';
import { onTestFinished } from 'vitest';
import type { EventOutcome } from '../../../src/enforcement/event-outcome.ts';
import type { EndpointSettings } from '../../../src/local/api-endpoint.ts';
import { systemClock } from '../../../src/local/clock.ts';
import type { BusEvent } from '../../../src/local/cloudtrail-record.ts';
import { startLocalAws } from '../../../src/local/local-aws.ts';
import type { ApiCall } from '../../../src/local/service.ts';
import { ACCOUNT, REGION } from '../examples/grants.ts';
import { createSessions } from '../local-aws/create-sessions.ts';
import { createGroup, ec2ClientFor, ingressOf } from '../local-aws/local-ec2.ts';
import { credentials } from '../local-aws/local-elasticache.ts';
import { allowlistFile } from './enforce-ingress-function.ts';
import { type Invoke, startFunction } from './lambda-function.ts';

/** The function that events about security groups invoke, after a cold start in this environment and no other. */
export function startEnforceSecurityGroup(
  environment: Record<string, string | undefined>,
): Promise<Invoke<EventOutcome>> {
  return startFunction(() => import('../../../handlers/enforce-security-group.ts'), environment);
}

/** Lets 10.0.0.0/16 reach `sessions`, and nobody else. */
export const VPC_ALLOWLIST = `version: 1
rules:
  - id: office
    caches: [sessions]
    cidrs: [10.0.0.0/16]
`;

/**
 * An account in which replication group `sessions` listens on 6379 behind security group `caches`, and the events of all that
 * is called there. The guard's calls are those of the user agent `guard`.
 */
export async function startGuardedCache(settings: Partial<EndpointSettings> = {}) {
  const aws = await startLocalAws(
    { port: 0, accountId: ACCOUNT, regions: [REGION], transitionMs: 0, creatingMs: 0, ...settings },
    systemClock(),
  );
  onTestFinished(() => aws.close());
  const events: BusEvent[] = [];
  const calls: ApiCall[] = [];
  aws.events.on('event', (event) => events.push(event));
  aws.events.on('call', (call) => calls.push(call));
  const ec2 = ec2ClientFor(aws.url);
  const elastiCache = new ElastiCacheClient({ region: REGION, endpoint: aws.url, credentials });
  onTestFinished(() => elastiCache.destroy());
  const groupId = await createGroup(ec2);
  await createSessions(elastiCache, groupId);
  await aws.idle();
  return {
    aws,
    ec2,
    elastiCache,
    groupId,
    events,
    calls,
    environment: {
      AWS_ENDPOINT_URL_EC2: aws.url,
      AWS_ENDPOINT_URL_ELASTICACHE: aws.url,
      AWS_ENDPOINT_URL_STS: aws.url,
      AWS_SDK_UA_APP_ID: 'guard',
      INGRESS_GUARD_ALLOWLIST: await allowlistFile(VPC_ALLOWLIST),
      INGRESS_GUARD_MODE: 'enforce',
    },
    /** What the guard called, in order. */
    guardsCalls: () => calls.filter(({ userAgent }) => userAgent.includes('app/guard')).map(({ action }) => action),
    /** The last event of a call of this name. */
    async eventOf(eventName: string): Promise<BusEvent> {
      await aws.idle();
      const event = events.findLast(({ detail }) => (detail as { eventName?: string }).eventName === eventName);
      if (event === undefined) throw new Error(`there was no ${eventName}`);
      return event;
    },
    rules: () => ingressOf(ec2, groupId),
    modify: (input: Omit<ModifyReplicationGroupCommandInput, 'ReplicationGroupId'>) =>
      elastiCache.send(new ModifyReplicationGroupCommand({ ReplicationGroupId: 'sessions', ...input })),
  };
}
