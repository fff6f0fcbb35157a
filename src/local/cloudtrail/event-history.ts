/** A record as CloudTrail writes it. */
type Kept = Readonly<Record<string, unknown>>;

/** How many records a region keeps. AWS keeps those of 90 days. */
const MOST_RECORDS = 10_000;

/** The event history of one account: the management events of each region, whether a trail logs them or not. */
export class EventHistory {
  readonly #byRegion = new Map<string, Kept[]>();

  add(record: Kept): void {
    const region = String(record.awsRegion);
    const records = this.#byRegion.get(region) ?? [];
    this.#byRegion.set(region, records);
    records.push(record);
    if (records.length > MOST_RECORDS) records.shift();
  }

  /** Those of a region, the latest first. */
  of(region: string): Kept[] {
    return (this.#byRegion.get(region) ?? []).toReversed();
  }
}
