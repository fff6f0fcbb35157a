/** A trail of CloudTrail. All that is not `name` and `arn` may be changed, to try what that leads to. */
export interface Trail {
  readonly name: string;
  readonly arn: string;
  readonly homeRegion: string;
  isMultiRegion: boolean;
  isOrganizationTrail: boolean;
  isLogging: boolean;
  /** Of the two kinds of selectors a trail has one. */
  eventSelectors?: readonly EventSelector[];
  advancedEventSelectors?: readonly AdvancedEventSelector[];
}

/** What a trail records. Nothing here looks at data events. */
export interface EventSelector {
  readonly ReadWriteType: 'All' | 'ReadOnly' | 'WriteOnly';
  readonly IncludeManagementEvents: boolean;
  readonly DataResources: readonly unknown[];
  readonly ExcludeManagementEventSources: readonly string[];
}

/** The same, written as conditions that must all hold. */
export interface AdvancedEventSelector {
  readonly Name?: string;
  readonly FieldSelectors: readonly {
    readonly Field: string;
    readonly Equals?: readonly string[];
    readonly NotEquals?: readonly string[];
  }[];
}

/** What a trail that is made without selectors records. (AWS CloudTrail User Guide, "Logging management events") */
const ALL_MANAGEMENT_EVENTS: readonly EventSelector[] = [
  { ReadWriteType: 'All', IncludeManagementEvents: true, DataResources: [], ExcludeManagementEventSources: [] },
];

/** The trails of one account. A new account here has one that records the management events of every region. */
export class Trails {
  readonly #accountId: string;
  readonly #trails = new Map<string, Trail>();

  constructor(accountId: string, homeRegion: string) {
    this.#accountId = accountId;
    this.put('management-events', homeRegion);
  }

  /** Makes a trail of all regions that logs management events. */
  put(name: string, homeRegion: string): Trail {
    const trail: Trail = {
      name,
      arn: `arn:aws:cloudtrail:${homeRegion}:${this.#accountId}:trail/${name}`,
      homeRegion,
      isMultiRegion: true,
      isOrganizationTrail: false,
      isLogging: true,
      eventSelectors: ALL_MANAGEMENT_EVENTS,
    };
    this.#trails.set(name, trail);
    return trail;
  }

  delete(name: string): void {
    this.#trails.delete(name);
  }

  /** Those that a region has: its own, and shadows of others' that are of all regions. */
  in(region: string): Trail[] {
    return [...this.#trails.values()].filter((one) => one.isMultiRegion || one.homeRegion === region);
  }

  /** By its ARN, or, in its own region, by its name. */
  find(name: string, region: string): Trail | undefined {
    return this.in(region).find((one) => one.arn === name || (one.name === name && one.homeRegion === region));
  }
}

/** Whether a trail logs a management event of a service now. */
export function logsManagementEvent(trail: Trail, eventSource: string, isReadOnly: boolean): boolean {
  const { isLogging, eventSelectors = [], advancedEventSelectors = [] } = trail;
  if (!isLogging) return false;
  const wrongType = isReadOnly ? 'WriteOnly' : 'ReadOnly';
  const call = new Map([
    ['eventCategory', 'Management'],
    ['eventSource', eventSource],
    ['readOnly', String(isReadOnly)],
  ]);
  return (
    eventSelectors.some(
      ({ IncludeManagementEvents, ReadWriteType, ExcludeManagementEventSources }) =>
        IncludeManagementEvents && ReadWriteType !== wrongType && !ExcludeManagementEventSources.includes(eventSource),
    ) ||
    advancedEventSelectors.some(({ FieldSelectors }) =>
      FieldSelectors.every(({ Field, Equals, NotEquals }) => {
        const value = call.get(Field);
        if (value === undefined) return false;
        return (Equals?.includes(value) ?? true) && !NotEquals?.includes(value);
      }),
    )
  );
}
