import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { prepareClient, RETRYING } from '../clients.ts';
import type { ClientConfig } from '../kept.ts';

/** Five minutes, in seconds: how exactly the time is known. */
const PERIOD = 300;

/**
 * When each of the stack's own metrics was last more than 0, in the last so many hours, with GetMetricData: the begin of a period of
 * five minutes. A metric that was not is left out.
 *
 * @throws what the API answers, after the SDK's retries; an error if it does not say everything.
 */
export async function lastCounted(
  config: ClientConfig,
  metrics: readonly string[],
  hours: number,
  now: Date,
): Promise<ReadonlyMap<string, Date>> {
  const client = prepareClient(new CloudWatchClient({ ...RETRYING, ...config }), {
    GetMetricData: 'MetricDataResults',
  });
  try {
    const { MetricDataResults = [] } = await client.send(
      new GetMetricDataCommand({
        // A period that has begun counts too.
        EndTime: new Date(now.getTime() + PERIOD * 1000),
        StartTime: new Date(now.getTime() - hours * 3_600_000),
        ScanBy: 'TimestampDescending',
        MetricDataQueries: metrics.map((MetricName, at) => ({
          Id: `m${at}`,
          MetricStat: {
            Metric: {
              Namespace: 'IngressGuard',
              MetricName,
              Dimensions: [{ Name: 'service', Value: 'ingress-guard' }],
            },
            Period: PERIOD,
            Stat: 'Sum',
          },
        })),
      }),
    );
    const found = metrics.flatMap((metric, at): [string, Date][] => {
      const result = MetricDataResults.find(({ Id }) => Id === `m${at}`);
      if (result?.Timestamps === undefined || result.Values === undefined) {
        throw new Error(`CloudWatch said nothing of the metric ${metric}`);
      }
      const last = result.Values.findIndex((value) => value > 0);
      const time = result.Timestamps[last];
      return time === undefined ? [] : [[metric, time]];
    });
    return new Map(found);
  } finally {
    client.destroy();
  }
}
