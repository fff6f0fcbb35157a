import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { prepareClient, RETRYING } from '../clients.ts';
import type { ClientConfig } from '../kept.ts';

/** An alarm of CloudWatch, as it is now. */
export interface AlarmState {
  readonly name: string;
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  /** Why it is in that state, in CloudWatch's words. */
  readonly reason: string;
  /** Since when. */
  readonly since: Date | undefined;
  /** The ARNs of what it calls when it fires; none if its actions are disabled. */
  readonly actions: readonly string[];
}

/** How many names one call takes (CloudWatch API Reference). */
const MOST_NAMES = 100;

/**
 * Reads alarms by their names with DescribeAlarms. One that is not there is left out.
 *
 * @throws what the API answers, after the SDK's retries.
 */
export async function readAlarms(config: ClientConfig, names: readonly string[]): Promise<AlarmState[]> {
  const client = prepareClient(new CloudWatchClient({ ...RETRYING, ...config }), { DescribeAlarms: 'MetricAlarms' });
  const alarms: AlarmState[] = [];
  try {
    for (let from = 0; from < names.length; from += MOST_NAMES) {
      const AlarmNames = names.slice(from, from + MOST_NAMES);
      const command = new DescribeAlarmsCommand({ AlarmNames, MaxRecords: MOST_NAMES });
      const { MetricAlarms = [] } = await client.send(command);
      for (const { AlarmName: name, StateValue: state, ...alarm } of MetricAlarms) {
        if (name === undefined || state === undefined) throw new Error('CloudWatch gave an alarm without its state');
        const { StateReason: reason = '', StateUpdatedTimestamp: since, ActionsEnabled, AlarmActions = [] } = alarm;
        alarms.push({ name, state, reason, since, actions: ActionsEnabled === true ? AlarmActions : [] });
      }
    }
    return alarms;
  } finally {
    client.destroy();
  }
}
