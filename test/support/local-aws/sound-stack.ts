import { readAllowlistFile } from '../../../src/allowlist/allowlist-file.ts';
import type { EndpointSettings } from '../../../src/local/api-endpoint.ts';
import { deployStack } from '../../../src/local/deploy-stack.ts';
import type { EventBuses, WrittenRule } from '../../../src/local/events/event-buses.ts';
import type { FunctionConfiguration } from '../../../src/local/lambda/functions.ts';
import type { Region } from '../../../src/local/region.ts';
import { ACCOUNT, REGION } from '../examples/grants.ts';
import { stubEnvironment } from '../functions/aws-environment.ts';
import { startAws } from './local-aws.ts';
import { credentials } from './local-elasticache.ts';
import { ORGANIZATION } from './organization.ts';

/** A local AWS with the stack of the stage prod, on which everything is as it should be, and what may be changed on it. */
export interface SoundStack {
  readonly calls: Awaited<ReturnType<typeof startAws>>['calls'];
  readonly aws: Awaited<ReturnType<typeof startAws>>['aws'];
  readonly region: Region;
  /** An output of the stack. */
  output(name: string): string;
  function(name: string): FunctionConfiguration;
  /** Makes a rule of the default bus anew, with changes; deletes it if there are none. */
  changeRule(name: string, changes: Partial<WrittenRule> | undefined, bus?: string): void;
  /** Forgets a metric of the stack, or says when it was counted last, in minutes before now. */
  lastCounted(metric: string, minutesAgo: number | undefined): void;
}

/** The metrics that come again and again. */
const SIGNS = ['Heartbeat', 'SecurityGroupHeartbeat', 'CloudTrailHeartbeat', 'AuditFinished'];

export async function startSoundStack(
  how: Partial<EndpointSettings> & { readonly mode?: string; readonly hub?: true; readonly chat?: true } = {},
): Promise<SoundStack> {
  const { mode = 'enforce', hub, chat, ...settings } = how;
  const { aws, calls } = await startAws({ ...(hub && { organization: ORGANIZATION }), ...settings });
  const { sha256: allowlistSha256 } = await readAllowlistFile('allowlist.yaml');
  const ofHub = { organization: ORGANIZATION.id, organizationalUnits: 'r-root', regions: REGION };
  const stack = await deployStack(aws.accounts, {
    folder: '.',
    account: ACCOUNT,
    region: REGION,
    stage: 'prod',
    settings: { mode, allowlistSha256, ...(hub && ofHub), ...(chat && { chat: 'true' }) },
  });
  if (hub) {
    for (const Account of ORGANIZATION.accounts.map(({ accountId }) => accountId)) {
      aws.accounts.stackSets.put('ingress-guard-prod', { Account, Region: REGION, Status: 'CURRENT' });
    }
  }
  const region = found(aws.region(REGION), 'the region');
  const metricOf = (name: string) => ({ namespace: 'IngressGuard', name, dimensions: { service: 'ingress-guard' } });
  const lastCounted: SoundStack['lastCounted'] = (metric, minutesAgo) => {
    region.metrics.delete(metricOf(metric));
    if (minutesAgo !== undefined) region.metrics.put(metricOf(metric), 1, Date.now() - minutesAgo * 60_000);
  };
  for (const metric of SIGNS) lastCounted(metric, 5);
  stubEnvironment({
    AWS_ENDPOINT_URL: aws.url,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  });
  return {
    aws,
    calls,
    region,
    output: (name) => found(stack.outputs.get(name), name),
    function: (name) => found(region.functions.find(name), name),
    changeRule: (name, changes, bus = 'default') => changeRule(region.eventBuses, bus, name, changes),
    lastCounted,
  };
}

function changeRule(buses: EventBuses, bus: string, name: string, changes: Partial<WrittenRule> | undefined): void {
  const rule = found(buses.find(bus)?.rules.get(name), name);
  if (changes === undefined) buses.deleteRule(bus, name);
  else buses.putRule(bus, { ...rule, ...changes });
}

function found<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new Error(`the stack has no ${what}`);
  return value;
}
