import { ApiError } from '../../api-error.ts';
import { readTexts } from '../../json-protocol.ts';
import type { Operation } from '../../operation.ts';

/** How many names a call takes, and how many alarms are on a page. */
const MOST = 100;

/**
 * Alarms of metrics, by their names, or all, on one page.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
 */
export const describeAlarms: Operation = {
  parameters: ['AlarmNames', 'StateValue', 'MaxRecords', 'NextToken'],
  readOnly: true,
  permission: 'cloudwatch:DescribeAlarms',
  run(parameters, { alarms }) {
    const names = readTexts(parameters, 'AlarmNames');
    if (names.length > MOST) {
      throw new ApiError('ValidationException', `AlarmNames must have at most ${MOST} members.`);
    }
    const state = parameters.get('StateValue');
    const found = alarms
      .list()
      .filter((alarm) => (names.length === 0 || names.includes(alarm.name)) && (state ?? alarm.state) === alarm.state);
    return {
      CompositeAlarms: [],
      MetricAlarms: found.slice(0, MOST).map(({ name, arn, actions, isEnabled, state: StateValue, reason, since }) => ({
        AlarmName: name,
        AlarmArn: arn,
        ActionsEnabled: isEnabled,
        AlarmActions: actions,
        StateValue,
        StateReason: reason,
        StateUpdatedTimestamp: since / 1000,
      })),
    };
  },
};
