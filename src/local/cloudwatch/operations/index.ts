import type { Operation } from '../../operation.ts';
import { describeAlarms } from './describe-alarms.ts';
import { getMetricData } from './get-metric-data.ts';

/** The operations by the end of the header X-Amz-Target. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  Object.entries({ DescribeAlarms: describeAlarms, GetMetricData: getMetricData }),
);
