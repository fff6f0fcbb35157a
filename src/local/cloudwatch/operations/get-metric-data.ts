import { ApiError } from '../../api-error.ts';
import { readObjects } from '../../json-protocol.ts';
import type { Operation } from '../../operation.ts';
import { required } from '../../parameters.ts';
import type { Region } from '../../region.ts';

/** How a period's values become one. */
const STATISTICS: Readonly<Record<string, (values: readonly number[]) => number>> = {
  Average: (values) => sum(values) / values.length,
  Maximum: (values) => Math.max(...values),
  Minimum: (values) => Math.min(...values),
  SampleCount: (values) => values.length,
  Sum: (values) => sum(values),
};

/**
 * Metrics by name, without expressions, all on one page. A period begins at a multiple of its length, and one without values is left
 * out. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
 */
export const getMetricData: Operation = {
  parameters: ['MetricDataQueries', 'StartTime', 'EndTime', 'ScanBy', 'MaxDatapoints', 'NextToken'],
  readOnly: true,
  permission: 'cloudwatch:GetMetricData',
  run(parameters, region) {
    const [from, to] = [readTime(required(parameters, 'StartTime')), readTime(required(parameters, 'EndTime'))];
    const isNewestFirst = parameters.get('ScanBy') !== 'TimestampAscending';
    return {
      MetricDataResults: readObjects(parameters, 'MetricDataQueries').map((query) => {
        const points = pointsOf(query as unknown as MetricDataQuery, region, from, to);
        if (isNewestFirst) points.reverse();
        return {
          Id: query.Id,
          Label: query.Label ?? query.Id,
          StatusCode: 'Complete',
          Timestamps: points.map(([at]) => at / 1000),
          Values: points.map(([, value]) => value),
        };
      }),
      Messages: [],
    };
  },
};

interface MetricDataQuery {
  readonly Id: string;
  readonly Label?: string;
  readonly MetricStat?: {
    readonly Metric: {
      readonly Namespace: string;
      readonly MetricName: string;
      readonly Dimensions?: readonly { readonly Name: string; readonly Value: string }[];
    };
    readonly Period: number;
    readonly Stat: string;
  };
}

function pointsOf({ MetricStat }: MetricDataQuery, { metrics }: Region, from: number, to: number): [number, number][] {
  if (MetricStat === undefined) {
    throw new ApiError('ValidationException', 'The local AWS knows queries with MetricStat only, and no expressions.');
  }
  const { Metric, Period, Stat } = MetricStat;
  const statistic = Object.hasOwn(STATISTICS, Stat) ? STATISTICS[Stat] : undefined;
  if (statistic === undefined) {
    throw new ApiError(
      'ValidationException',
      `The local AWS knows the statistics ${Object.keys(STATISTICS).join(', ')}.`,
    );
  }
  const periodMs = Period * 1000;
  const dimensions = Object.fromEntries((Metric.Dimensions ?? []).map(({ Name, Value }) => [Name, Value]));
  const data = metrics.read({ namespace: Metric.Namespace, name: Metric.MetricName, dimensions }, from, to);
  const periods = Map.groupBy(data, ({ at }) => at - (at % periodMs));
  return [...periods]
    .sort(([one], [other]) => one - other)
    .map(([at, values]) => [at, statistic(values.map(({ value }) => value))]);
}

/** A timestamp of the JSON protocol, in seconds since the epoch. */
function readTime(written: string): number {
  const seconds = Number(written);
  if (Number.isFinite(seconds)) return seconds * 1000;
  throw new ApiError('ValidationException', 'StartTime and EndTime are seconds since the epoch.');
}

function sum(values: readonly number[]): number {
  return values.reduce((one, other) => one + other, 0);
}
