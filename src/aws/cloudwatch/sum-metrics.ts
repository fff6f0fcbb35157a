import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { prepareClient, RETRYING } from '../clients.ts';
import type { ClientConfig } from '../kept.ts';

/** One of the stack's own metrics: all of it, or that of one outcome. */
export interface OwnMetric {
  readonly name: string;
  readonly outcome?: string;
}

/** In seconds: how exactly the time is kept. */
const PERIOD = 300;

/**
 * What each of the stack's own metrics adds up to between two instants, with GetMetricData; 0 if it was not sent.
 *
 * @throws what the API answers, after the SDK's retries; an error if it does not say everything.
 */
export async function sumMetrics(
  config: ClientConfig,
  metrics: readonly OwnMetric[],
  from: Date,
  to: Date,
): Promise<number[]> {
  const client = prepareClient(new CloudWatchClient({ ...RETRYING, ...config }), {
    GetMetricData: 'MetricDataResults',
  });
  const sums = metrics.map(() => 0);
  const complete = new Set<number>();
  try {
    let NextToken: string | undefined;
    do {
      const answer = await client.send(
        new GetMetricDataCommand({
          StartTime: from,
          EndTime: to,
          MetricDataQueries: metrics.map(toQuery),
          ...(NextToken !== undefined && { NextToken }),
        }),
      );
      for (const { Id, Values = [], StatusCode } of answer.MetricDataResults ?? []) {
        const at = Number(Id?.slice(1));
        sums[at] = Values.reduce((sum, value) => sum + value, sums[at] ?? 0);
        if (StatusCode === 'Complete') complete.add(at);
      }
      if (NextToken !== undefined && answer.NextToken === NextToken) {
        throw new Error('the listing does not end: it names a next page that it has named before');
      }
      NextToken = answer.NextToken;
    } while (NextToken);
  } finally {
    client.destroy();
  }
  const missing = metrics.find((_, at) => !complete.has(at));
  if (missing !== undefined) throw new Error(`CloudWatch did not say all of the metric ${missing.name}`);
  return sums;
}

function toQuery({ name, outcome }: OwnMetric, at: number) {
  const Dimensions = [
    { Name: 'service', Value: 'ingress-guard' },
    ...(outcome === undefined ? [] : [{ Name: 'outcome', Value: outcome }]),
  ];
  const Metric = { Namespace: 'IngressGuard', MetricName: name, Dimensions };
  return { Id: `m${at}`, MetricStat: { Metric, Period: PERIOD, Stat: 'Sum' } };
}
