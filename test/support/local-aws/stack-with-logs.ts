import type { EndpointSettings } from '../../../src/local/api-endpoint.ts';
import { deployStack } from '../../../src/local/deploy-stack.ts';
import { ACCOUNT, REGION } from '../examples/grants.ts';
import { stubEnvironment } from '../functions/aws-environment.ts';
import { environmentOf } from './deployed-stack.ts';
import { startAws } from './local-aws.ts';

/** A stack in mode enforce that did its work for a day, and in which nothing is wrong. */
export async function startStackWithLogs(settings: Partial<EndpointSettings> = {}) {
  const { aws, clock, calls } = await startAws(settings);
  const place = { folder: '.', account: ACCOUNT, region: REGION, stage: 'prod' };
  const stack = await deployStack(aws.accounts, { ...place, settings: { mode: 'enforce', regions: REGION } });
  stubEnvironment(environmentOf(aws));
  const here = aws.region(REGION);
  if (here === undefined) throw new Error('no region');
  const count = (name: string, value: number, more: Record<string, string> = {}, at?: number) =>
    here.metrics.put({ namespace: 'IngressGuard', name, dimensions: { service: 'ingress-guard', ...more } }, value, at);
  count('Heartbeat', 96);
  count('SecurityGroupHeartbeat', 95);
  count('CloudTrailHeartbeat', 94);
  count('AuditFinished', 24);
  for (const { name } of here.alarms.list()) setAlarm(name, 'OK', 'Threshold not crossed');
  function setAlarm(name: string, state: 'OK' | 'ALARM', reason: string): void {
    const alarm = here?.alarms.list().find((one) => one.name.includes(name));
    if (alarm === undefined) throw new Error(`no alarm ${name}`);
    Object.assign(alarm, { state, reason });
  }
  return {
    aws,
    clock,
    calls,
    here,
    count,
    setAlarm,
    /** Writes a decision line of a function, as the functions do. */
    decide(line: object, output = 'EnforceSecurityGroupLogGroupName', at?: number) {
      const whole = { schemaVersion: '1.2', message: 'decision', grantedBy: {}, ...line };
      here.logGroups.write(stack.outputs.get(output) ?? '', JSON.stringify(whole), at);
    },
  };
}
