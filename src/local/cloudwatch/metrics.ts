import type { Clock } from '../clock.ts';

/** One value of a metric. */
export interface Datum {
  readonly value: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Which metric: CloudWatch takes each set of dimensions for a separate metric. */
export interface MetricName {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** The metrics of one account in one region. */
export class Metrics {
  readonly #clock: Clock;
  readonly #data = new Map<string, Datum[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Adds a value, now if nothing else is said. */
  put(metric: MetricName, value: number, at = this.#clock.now()): void {
    const key = keyOf(metric);
    const data = this.#data.get(key) ?? [];
    data.push({ value, at });
    this.#data.set(key, data);
  }

  /** Forgets a metric. */
  delete(metric: MetricName): void {
    this.#data.delete(keyOf(metric));
  }

  /** The values from an instant on, and before another. */
  read(metric: MetricName, from: number, to: number): Datum[] {
    return (this.#data.get(keyOf(metric)) ?? []).filter(({ at }) => at >= from && at < to);
  }

  /**
   * Takes the metrics out of a line that a function printed, if it is one in the Embedded Metric Format. A line counts when it comes:
   * its own time is the function's, whose clock may be another.
   * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
   */
  takeFrom(line: string): void {
    if (!line.startsWith('{') || !line.includes('"CloudWatchMetrics"')) return;
    const written = readJson(line);
    for (const { Namespace, Dimensions, Metrics } of written?._aws?.CloudWatchMetrics ?? []) {
      for (const names of Dimensions) {
        const dimensions = Object.fromEntries(names.map((name) => [name, String(written?.[name])]));
        for (const { Name: name } of Metrics) {
          for (const value of [written?.[name]].flat()) {
            this.put({ namespace: Namespace, name, dimensions }, Number(value));
          }
        }
      }
    }
  }
}

interface EmbeddedMetrics extends Readonly<Record<string, unknown>> {
  readonly _aws?: {
    readonly CloudWatchMetrics?: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string }[];
    }[];
  };
}

function readJson(line: string): EmbeddedMetrics | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function keyOf({ namespace, name, dimensions }: MetricName): string {
  return JSON.stringify([namespace, name, Object.entries(dimensions).sort()]);
}
